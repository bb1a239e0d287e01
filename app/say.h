// Lines to the user, on stderr: one thing a line. Octets that are no text become question marks.
#pragma once

// The name of the program, the text and a newline. While a status line stands on a terminal, it is
// wiped first.
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

// The same without the name in front, for tables.
void say_plain(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Of the terminal; 0: stderr is none.
unsigned int say_columns(void);

// The status line: on a terminal it overwrites itself.
void say_status(const char *format, ...) __attribute__((format(printf, 1, 2)));

// From now on every line is also added to this file, with the time (UTC) in front. 0 or -errno.
int say_log_to(const char *path);
