#include "app/say.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#define LINE_OCTETS 1024

// Whole lines in one write: the reader's thread and main both speak.
static void write_line(const char *start, const char *end, const char *format, va_list args) {
	char line[LINE_OCTETS];
	int len = snprintf(line, sizeof(line), "%s", start);
	len += vsnprintf(line + len, sizeof(line) - (size_t)len, format, args);
	if (len > (int)sizeof(line) - 8)
		len = (int)sizeof(line) - 8;
	len += snprintf(line + len, sizeof(line) - (size_t)len, "%s", end);
	if (write(STDERR_FILENO, line, (size_t)len) < 0)
		return; // nobody is listening
}

static bool is_terminal(void) {
	return isatty(STDERR_FILENO);
}

void say(const char *format, ...) {
	va_list args;
	va_start(args, format);
	write_line(is_terminal() ? "\r\x1b[K" PROGRAM_NAME ": " : PROGRAM_NAME ": ", "\n", format,
		args);
	va_end(args);
}

void say_plain(const char *format, ...) {
	va_list args;
	va_start(args, format);
	write_line(is_terminal() ? "\r\x1b[K" : "", "\n", format, args);
	va_end(args);
}

void say_status(const char *format, ...) {
	va_list args;
	va_start(args, format);
	write_line(is_terminal() ? "\r\x1b[K" : "", is_terminal() ? "" : "\n", format, args);
	va_end(args);
}
