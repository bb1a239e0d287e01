#!/bin/sh
# The octets of a file as a table of C.
echo '#include <stdint.h>'
echo 'static const uint8_t xdp_object[] = {'
od -An -v -tu1 "$1" | sed 's/  *\([0-9][0-9]*\)/\1,/g'
echo '};'
