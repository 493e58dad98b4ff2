#define _GNU_SOURCE	/* for the numbers of system calls */
#include "sandbox.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define NO_SANDBOX
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define NO_SANDBOX
#endif

/* Sanitizers and profilers write files of their own: build those with -DNO_SANDBOX. */
#if defined(__linux__) && !defined(NO_SANDBOX)
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#if defined(__x86_64__) && !defined(__ILP32__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define ARCH AUDIT_ARCH_I386
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__arm__) && defined(__ARMEL__)
#define ARCH AUDIT_ARCH_ARM
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH AUDIT_ARCH_RISCV64
#elif defined(__s390x__)
#define ARCH AUDIT_ARCH_S390X
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define ARCH AUDIT_ARCH_PPC64LE
#endif
#endif

#ifdef ARCH
/* System calls from this one on belong to another ABI (x32). */
#define FOREIGN 0x40000000

#define LOAD(member) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
/* Of a system call's argument, which has 64 bits, those that the kernel looks at. */
#define LOW_WORD(member) (offsetof(struct seccomp_data, member) + \
			  (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0))
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, value)
#define REFUSE RETURN(SECCOMP_RET_ERRNO | 1 /* EPERM */)
#define REFUSE_CALL(name) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), REFUSE

static const struct sock_filter filter[] = {
	LOAD(arch),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0), REFUSE,
	LOAD(nr),
	BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, FOREIGN, 0, 1), REFUSE,
	/* files */
#ifdef SYS_open
	REFUSE_CALL(open), REFUSE_CALL(creat), REFUSE_CALL(unlink),
	REFUSE_CALL(rename), REFUSE_CALL(link), REFUSE_CALL(symlink),
	REFUSE_CALL(mkdir), REFUSE_CALL(rmdir), REFUSE_CALL(mknod),
	REFUSE_CALL(chmod), REFUSE_CALL(chown), REFUSE_CALL(lchown),
#endif
	REFUSE_CALL(openat), REFUSE_CALL(unlinkat), REFUSE_CALL(linkat),
	REFUSE_CALL(symlinkat), REFUSE_CALL(mkdirat), REFUSE_CALL(mknodat),
	REFUSE_CALL(fchmodat), REFUSE_CALL(fchownat), REFUSE_CALL(truncate),
	REFUSE_CALL(mount), REFUSE_CALL(umount2), REFUSE_CALL(pivot_root),
	REFUSE_CALL(chroot), REFUSE_CALL(open_by_handle_at),
#ifdef SYS_openat2
	REFUSE_CALL(openat2),
#endif
#ifdef SYS_renameat
	REFUSE_CALL(renameat),
#endif
#ifdef SYS_renameat2
	REFUSE_CALL(renameat2),
#endif
	/* the network */
#ifdef SYS_socketcall
	REFUSE_CALL(socketcall),
#endif
#ifdef SYS_socket
	REFUSE_CALL(socket), REFUSE_CALL(connect), REFUSE_CALL(bind),
#endif
	/* programs, other processes, and ways around all this */
	REFUSE_CALL(execve), REFUSE_CALL(execveat), REFUSE_CALL(ptrace),
	REFUSE_CALL(process_vm_readv), REFUSE_CALL(process_vm_writev),
	REFUSE_CALL(bpf), REFUSE_CALL(perf_event_open),
	REFUSE_CALL(kill), REFUSE_CALL(setns), REFUSE_CALL(unshare),
	REFUSE_CALL(init_module), REFUSE_CALL(finit_module),
	REFUSE_CALL(kexec_load), REFUSE_CALL(request_key),
#ifdef SYS_io_uring_setup
	REFUSE_CALL(io_uring_setup),
#endif
#ifdef SYS_pidfd_getfd
	REFUSE_CALL(pidfd_getfd),
#endif
#ifdef SYS_fsopen
	REFUSE_CALL(fsopen), REFUSE_CALL(open_tree), REFUSE_CALL(move_mount),
#endif
	/* what is typed into the user's terminal runs in his shell */
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 3),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, LOW_WORD(args[1])),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TIOCSTI, 0, 1), REFUSE,
	RETURN(SECCOMP_RET_ALLOW),
};

#endif

void sandbox_enter(void)
{
#ifdef ARCH
	struct sock_fprog program = {
		sizeof(filter) / sizeof(*filter), (struct sock_filter *)filter
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
#endif
}
