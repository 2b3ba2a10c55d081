// Runs before the page is first painted: whoever has chosen another theme than their system's sees no flash of that one.
try {
  const { theme } = JSON.parse(localStorage.getItem("farhand.preferences") ?? "{}");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Nothing is kept, or nothing that can be read: the page follows the system.
}
