/*
 * Tries each system call that a sandbox has no business to make, each in a child of its own, and prints a line for it:
 * its name, a tab, and `ok`, the name of the error, or `killed`. The arguments are such that even a call that is
 * allowed changes nothing outside the child.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char page[4096];

struct attempt {
  const char *name;
  long number;
  long args[6];
};

#define P ((long)page)
#define SELF ((long)getpid())

static long raw_clone(long flags) {
  long pid = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) _exit(0);
  if (pid > 0) waitpid((pid_t)pid, NULL, __WALL);
  return pid;
}

#ifdef __x86_64__
static long getpid_of_32_bits(void) {
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory", "r8", "r9", "r10", "r11");
  if (result < 0) {
    errno = (int)-result;
    return -1;
  }
  return result;
}
/* The x32 interface: the same calls, marked by a bit in their number. */
static long getpid_of_x32(void) { return syscall(0x40000000L | SYS_getpid); }
#endif

static void tell(const char *name, long result) {
  printf("%s\t%s\n", name, result >= 0 ? "ok" : strerrorname_np(errno));
  fflush(stdout);
}

static void in_child(const char *name, long (*work)(const void *), const void *with) {
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    tell(name, work(with));
    _exit(0);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  if (WIFSIGNALED(status)) printf("%s\tkilled\n", name);
}

static long plain(const void *with) {
  const struct attempt *it = with;
  return syscall(it->number, it->args[0], it->args[1], it->args[2], it->args[3], it->args[4], it->args[5]);
}
static long cloned(const void *with) { return raw_clone(*(const long *)with); }
#ifdef __x86_64__
static long of_32_bits(const void *with) {
  (void)with;
  return getpid_of_32_bits();
}
static long of_x32(const void *with) {
  (void)with;
  return getpid_of_x32();
}
#endif

int main(void) {
  struct attempt attempts[] = {
      {"io_uring_setup", SYS_io_uring_setup, {1, P}},
      {"io_uring_enter", SYS_io_uring_enter, {-1}},
      {"io_uring_register", SYS_io_uring_register, {-1}},
      {"keyctl", SYS_keyctl, {KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1}},
      {"add_key", SYS_add_key, {(long)"user", (long)"farhand", (long)"x", 1, KEY_SPEC_PROCESS_KEYRING}},
      {"request_key", SYS_request_key, {(long)"user", (long)"farhand", 0, KEY_SPEC_PROCESS_KEYRING}},
      {"bpf", SYS_bpf, {-1, P, 0}},
      {"perf_event_open", SYS_perf_event_open, {P, 0, -1, -1, 0}},
      {"userfaultfd", SYS_userfaultfd, {1}},
      {"mount", SYS_mount, {(long)"none", (long)"/nowhere", (long)"tmpfs", 0, 0}},
      {"umount2", SYS_umount2, {(long)"/nowhere", 0}},
      {"pivot_root", SYS_pivot_root, {(long)"/nowhere", (long)"/nowhere"}},
      {"chroot", SYS_chroot, {(long)"/nowhere"}},
      {"fsopen", SYS_fsopen, {(long)"tmpfs", 0}},
      {"fsmount", SYS_fsmount, {-1, 0, 0}},
      {"fsconfig", SYS_fsconfig, {-1, 0, 0, 0, 0}},
      {"fspick", SYS_fspick, {-1, (long)"/nowhere", 0}},
      {"move_mount", SYS_move_mount, {-1, (long)"", -1, (long)"", 0}},
      {"open_tree", SYS_open_tree, {-1, (long)"/", 0}},
      {"mount_setattr", SYS_mount_setattr, {-1, (long)"/nowhere", 0, P, 32}},
      {"unshare", SYS_unshare, {CLONE_NEWUSER}},
      {"setns", SYS_setns, {-1, 0}},
      {"ptrace", SYS_ptrace, {0 /* PTRACE_TRACEME */}},
      {"process_vm_readv", SYS_process_vm_readv, {SELF, P, 0, P, 0, 0}},
      {"process_vm_writev", SYS_process_vm_writev, {SELF, P, 0, P, 0, 0}},
      {"process_madvise", SYS_process_madvise, {-1}},
      {"kcmp", SYS_kcmp, {SELF, SELF, 0, 0, 0}},
      {"pidfd_getfd", SYS_pidfd_getfd, {-1, 0, 0}},
      {"name_to_handle_at", SYS_name_to_handle_at, {-1, (long)"/", P, P, 0}},
      {"open_by_handle_at", SYS_open_by_handle_at, {-1, P, 0}},
      {"quotactl", SYS_quotactl, {-1, 0, 0, 0}},
      {"syslog", SYS_syslog, {10 /* size of the buffer */}},
      {"acct", SYS_acct, {(long)"/nowhere"}},
      {"swapon", SYS_swapon, {(long)"/nowhere", 0}},
      {"swapoff", SYS_swapoff, {(long)"/nowhere"}},
      {"reboot", SYS_reboot, {0, 0, 0, 0}},
      {"settimeofday", SYS_settimeofday, {0, 0}},
      {"clock_settime", SYS_clock_settime, {-1, P}},
      {"clock_adjtime", SYS_clock_adjtime, {-1, P}},
      {"adjtimex", SYS_adjtimex, {P}},
      {"init_module", SYS_init_module, {0, 0, (long)""}},
      {"finit_module", SYS_finit_module, {-1, (long)"", 0}},
      {"delete_module", SYS_delete_module, {(long)"nothing", 0}},
      {"kexec_load", SYS_kexec_load, {0, 17, 0, 0}},
      {"kexec_file_load", SYS_kexec_file_load, {-1, -1, 0, 0, 0}},
      {"sethostname", SYS_sethostname, {(long)"x", -1}},
      {"setdomainname", SYS_setdomainname, {(long)"x", -1}},
      {"vhangup", SYS_vhangup, {0}},
      {"fanotify_init", SYS_fanotify_init, {0x200, 0}},
      {"mbind", SYS_mbind, {0, 0, 0, 0, 0, 0}},
      {"move_pages", SYS_move_pages, {SELF, 0, 0, 0, 0, 0}},
      {"migrate_pages", SYS_migrate_pages, {SELF, 0, 0, 0}},
      {"remap_file_pages", SYS_remap_file_pages, {0, 0, 0, 0, 0}},
      {"lookup_dcookie", SYS_lookup_dcookie, {0, P, 1}},
      {"personality of another system", SYS_personality, {0x0008}},
      {"personality without address randomisation", SYS_personality, {0x0040000}},
      {"clone3", SYS_clone3, {P, 0}},
      {"socket AF_ALG", SYS_socket, {38, SOCK_SEQPACKET, 0}},
      {"socket AF_VSOCK", SYS_socket, {40, SOCK_STREAM, 0}},
      {"socket AF_PACKET", SYS_socket, {17, SOCK_RAW, 0}},
      {"socket AF_KEY", SYS_socket, {15, SOCK_RAW, 2}},
      {"socket AF_BLUETOOTH", SYS_socket, {31, SOCK_RAW, 1}},
      {"socket AF_CAN", SYS_socket, {29, SOCK_RAW, 1}},
      {"socket AF_TIPC", SYS_socket, {30, SOCK_DGRAM, 0}},
      {"socket AF_XDP", SYS_socket, {44, SOCK_RAW, 0}},
      {"socket AF_RDS", SYS_socket, {21, SOCK_SEQPACKET, 0}},
      {"socket AF_NETLINK for netfilter", SYS_socket, {16, SOCK_RAW, 12}},
      {"socket AF_NETLINK for events of the kernel", SYS_socket, {16, SOCK_RAW, 15}},
      {"socket AF_NETLINK for sockets of others", SYS_socket, {16, SOCK_RAW, 4}},
      {"socket AF_NETLINK for audit", SYS_socket, {16, SOCK_RAW, 9}},
#ifdef __x86_64__
      {"iopl", SYS_iopl, {3}},
      {"ioperm", SYS_ioperm, {0x80, 1, 1}},
      {"modify_ldt", SYS_modify_ldt, {0, P, 16}},
      {"uselib", SYS_uselib, {(long)"/nowhere"}},
      {"ustat", SYS_ustat, {0, P}},
      {"sysfs", SYS_sysfs, {3}},
#endif
  };
  for (size_t n = 0; n < sizeof attempts / sizeof *attempts; n++) in_child(attempts[n].name, plain, &attempts[n]);

  struct {
    const char *name;
    long flag;
  } namespaces[] = {
      {"clone into new users", CLONE_NEWUSER},
      {"clone into new mounts", CLONE_NEWUSER | CLONE_NEWNS},
      {"clone into a new network", CLONE_NEWUSER | CLONE_NEWNET},
      {"clone into new processes", CLONE_NEWUSER | CLONE_NEWPID},
      {"clone into new control groups", CLONE_NEWUSER | CLONE_NEWCGROUP},
      {"clone into a new name", CLONE_NEWUSER | CLONE_NEWUTS},
      {"clone into a new IPC", CLONE_NEWUSER | CLONE_NEWIPC},
  };
  for (size_t n = 0; n < sizeof namespaces / sizeof *namespaces; n++)
    in_child(namespaces[n].name, cloned, &namespaces[n].flag);
#ifdef __x86_64__
  in_child("a call of 32 bits", of_32_bits, NULL);
  in_child("a call of x32", of_x32, NULL);
#endif
  puts("done\tok");
  return 0;
}
