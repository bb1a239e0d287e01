# config/blocklist.conf as rows of an array of C strings, for lib/blocklist.c to include.
s/[\\"]/\\&/g
s/.*/"&",/
