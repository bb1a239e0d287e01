// How often each behaviour of the simulated Internet is met.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define SIM_NB_BEHAVIOURS 46

// The text is a name, a number, or pairs:
//
//	realistic	98 of 100 are dead; nearly all others know nothing of Fast Open
//	even		all behaviours with a number are met equally often
//	answering	the same without those whose address never answers a SYN-ACK
//	7		this one alone
//	1:50,2:30,31:900	number and weight, which may not be 0 for all; a number stands once
//
// 0 stands for the servers that have no number. False if the text is anything else: then weights
// is as it was.
bool sim_mix_parse(const char *text, uint32_t weights[SIM_NB_BEHAVIOURS + 1]);
