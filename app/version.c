#include "app/version.h"

#include <rte_version.h>

#include <stdio.h>

void version_print(void) {
	printf(PROGRAM_NAME " " TFOSCAN_VERSION " (%s)\n", rte_version());
}
