/* A disk that fails on purpose: the n-th change to a file below a folder is refused, or the process dies instead of it.
   Preloaded into a worker; armed by it through ctypes. Counts opens for writing, writes, syncs, truncations and names;
   where it tears, only writes of more than a page at a place, and the n-th is done by half before the process dies. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static char folder[4096];
static volatile long seen, strike;
static int how; /* an errno, 0: die, or TEARS */
enum { TEARS = -1, PAGE = 4096 };
static int lasting; /* every later change is refused too */

void fault_arm(const char *below, long at, int error, int lasts) {
    strncpy(folder, below, sizeof folder - 1);
    seen = 0; strike = at; how = error; lasting = lasts;
}
long fault_seen(void) { return seen; }

static int below(const char *path) {
    return folder[0] && path && strncmp(path, folder, strlen(folder)) == 0;
}
static int ours(int fd) {
    char link[64], path[4096];
    if (!folder[0] || fd < 3) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return below(path);
}
static void die(void) { kill(getpid(), SIGKILL); pause(); }
static int struck(int counts) {
    if (!counts || how == TEARS) return 0;
    long now = __sync_add_and_fetch(&seen, 1);
    if (!strike || !(now == strike || (lasting && now > strike))) return 0;
    if (!how) die();
    errno = how;
    return 1;
}
/* How many bytes of a write of `size` are still done: all, or the pages of its first half. */
static size_t torn(int fd, size_t size) {
    if (how != TEARS || size <= PAGE || !ours(fd)) return size;
    long now = __sync_add_and_fetch(&seen, 1);
    return strike && now == strike ? size / 2 / PAGE * PAGE : size;
}
#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define WRITES(flags) (((flags) & (O_WRONLY | O_RDWR)) && ((flags) & (O_CREAT | O_TRUNC)))

ssize_t write(int fd, const void *data, size_t size) {
    REAL(write);
    return struck(ours(fd)) ? -1 : real(fd, data, size);
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
    REAL(pwrite);
    size_t done = torn(fd, size);
    if (done < size) { real(fd, data, done, at); die(); }
    return struck(ours(fd)) ? -1 : real(fd, data, size, at);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    REAL(pwrite64);
    size_t done = torn(fd, size);
    if (done < size) { real(fd, data, done, at); die(); }
    return struck(ours(fd)) ? -1 : real(fd, data, size, at);
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL(writev);
    return struck(ours(fd)) ? -1 : real(fd, parts, count);
}
int fsync(int fd) { REAL(fsync); return struck(ours(fd)) ? -1 : real(fd); }
int fdatasync(int fd) { REAL(fdatasync); return struck(ours(fd)) ? -1 : real(fd); }
int ftruncate(int fd, off_t size) { REAL(ftruncate); return struck(ours(fd)) ? -1 : real(fd, size); }
int ftruncate64(int fd, off64_t size) { REAL(ftruncate64); return struck(ours(fd)) ? -1 : real(fd, size); }
int rename(const char *from, const char *to) { REAL(rename); return struck(below(to)) ? -1 : real(from, to); }
int unlink(const char *path) { REAL(unlink); return struck(below(path)) ? -1 : real(path); }
int link(const char *from, const char *to) { REAL(link); return struck(below(to)) ? -1 : real(from, to); }
int mkdir(const char *path, mode_t mode) { REAL(mkdir); return struck(below(path)) ? -1 : real(path, mode); }

#define OPENS(name)                                                      \
    int name(const char *path, int flags, ...) {                         \
        REAL(name);                                                      \
        va_list rest; va_start(rest, flags);                             \
        mode_t mode = va_arg(rest, int); va_end(rest);                   \
        return struck(WRITES(flags) && below(path)) ? -1 : real(path, flags, mode); \
    }
OPENS(open)
OPENS(open64)
#define OPENS_AT(name)                                                   \
    int name(int at, const char *path, int flags, ...) {                 \
        REAL(name);                                                      \
        va_list rest; va_start(rest, flags);                             \
        mode_t mode = va_arg(rest, int); va_end(rest);                   \
        return struck(WRITES(flags) && below(path)) ? -1 : real(at, path, flags, mode); \
    }
OPENS_AT(openat)
OPENS_AT(openat64)
