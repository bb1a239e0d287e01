// Lines to the user, on stderr: one thing a line.
#pragma once

// The name of the program, the text and a newline. While a status line stands on a terminal, it is
// wiped first.
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

// The same without the name in front, for tables.
void say_plain(const char *format, ...) __attribute__((format(printf, 1, 2)));

// The status line: on a terminal it overwrites itself.
void say_status(const char *format, ...) __attribute__((format(printf, 1, 2)));
