#include "app/say.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define LINE_OCTETS 1024
#define STAMP_OCTETS 40
#define USUAL_COLUMNS 80u // of a terminal that does not say

static struct {
	int fd; // -1: none
	atomic_bool has_failed;
} logfile = {.fd = -1};

static bool is_terminal(void) {
	return isatty(STDERR_FILENO);
}

// Names and values come from outside: what they hold is one line, and moves no cursor.
static void disarm(char *text) {
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
	}
}

static void write_log(const char *text) {
	char line[LINE_OCTETS + STAMP_OCTETS];
	struct timespec now;
	struct tm utc;
	if (logfile.fd < 0)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	size_t len = strftime(line, sizeof(line), "%Y-%m-%d %H:%M:%S", &utc);
	len += (size_t)snprintf(
		line + len, sizeof(line) - len, ".%03ld %s\n", now.tv_nsec / 1000000, text);
	bool is_whole = write(logfile.fd, line, len) == (ssize_t)len;
	if (!is_whole && !atomic_exchange(&logfile.has_failed, true))
		say("the log file is not whole: %s", strerror(errno));
}

// Whole lines in one write: the reader's thread and main both speak.
static void write_line(const char *name, const char *format, va_list args, const char *end) {
	char text[LINE_OCTETS], line[LINE_OCTETS + STAMP_OCTETS];
	int start = snprintf(text, sizeof(text), "%s", name);
	vsnprintf(text + start, sizeof(text) - (size_t)start, format, args);
	disarm(text);
	int len =
		snprintf(line, sizeof(line), "%s%s%s", is_terminal() ? "\r\x1b[K" : "", text, end);
	ssize_t written = write(STDERR_FILENO, line, (size_t)len);
	(void)written; // perhaps nobody is listening
	write_log(text);
}

unsigned int say_columns(void) {
	struct winsize size;
	if (!is_terminal())
		return 0;
	bool is_known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
	return is_known ? size.ws_col : USUAL_COLUMNS;
}

void say(const char *format, ...) {
	va_list args;
	va_start(args, format);
	write_line(PROGRAM_NAME ": ", format, args, "\n");
	va_end(args);
}

void say_plain(const char *format, ...) {
	va_list args;
	va_start(args, format);
	write_line("", format, args, "\n");
	va_end(args);
}

void say_status(const char *format, ...) {
	va_list args;
	va_start(args, format);
	write_line("", format, args, is_terminal() ? "" : "\n");
	va_end(args);
}

int say_log_to(const char *path) {
	logfile.fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666);
	return logfile.fd < 0 ? -errno : 0;
}
