/**
 * The public package registries of the usual languages and distributions, and where they keep the files. Hosts of code
 * (such as release downloads) are not among them, nor registries of container images: whoever needs these allows them.
 */
export const PACKAGE_HOSTS: readonly string[] = [
  // JavaScript: npm, Yarn, JSR
  "registry.npmjs.org",
  "registry.yarnpkg.com",
  "repo.yarnpkg.com",
  "jsr.io",
  "npm.jsr.io",
  // Python: PyPI, conda
  "pypi.org",
  "files.pythonhosted.org",
  "conda.anaconda.org",
  "repo.anaconda.com",
  // Rust: crates and toolchains
  "crates.io",
  "index.crates.io",
  "static.crates.io",
  "static.rust-lang.org",
  // Go
  "proxy.golang.org",
  "sum.golang.org",
  // JVM: Maven Central, Gradle, Clojars
  "repo.maven.apache.org",
  "repo1.maven.org",
  "plugins.gradle.org",
  "plugins-artifacts.gradle.org",
  "services.gradle.org",
  "downloads.gradle.org",
  "repo.clojars.org",
  // Ruby, PHP, .NET
  "rubygems.org",
  "index.rubygems.org",
  "packagist.org",
  "repo.packagist.org",
  "api.nuget.org",
  "globalcdn.nuget.org",
  // Elixir and Erlang, Dart, Haskell, OCaml, Perl, R, Lua, Swift and Objective-C
  "hex.pm",
  "repo.hex.pm",
  "builds.hex.pm",
  "pub.dev",
  "hackage.haskell.org",
  "opam.ocaml.org",
  "cpan.metacpan.org",
  "www.cpan.org",
  "cran.r-project.org",
  "cloud.r-project.org",
  "luarocks.org",
  "cdn.cocoapods.org",
  // Distributions
  "deb.debian.org",
  "security.debian.org",
  "ftp.debian.org",
  "archive.ubuntu.com",
  "*.archive.ubuntu.com",
  "security.ubuntu.com",
  "ports.ubuntu.com",
  "dl-cdn.alpinelinux.org",
  "mirrors.fedoraproject.org",
  "dl.fedoraproject.org",
  "download.fedoraproject.org",
  "mirrors.rockylinux.org",
  "dl.rockylinux.org",
  "repo.almalinux.org",
  "geo.mirror.pkgbuild.com",
  "download.opensuse.org",
];
