// Who this is.
#pragma once

// On stdout: our version, and that of the DPDK that it runs with.
void version_print(void);
