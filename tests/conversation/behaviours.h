// The servers and middleboxes by number, as far as one round without controls can
// tell them apart; each with its exact set of words, taken from sections 3 and 4.
#pragma once

#include "tests/conversation/responder.h"

// The first one is a Linux server with Fast Open.
extern const struct behaviour behaviours_server[];
extern const unsigned int nb_behaviours_server;

// Paths, firewalls, hosts that are down, and people who guess.
extern const struct behaviour behaviours_path[];
extern const unsigned int nb_behaviours_path;

// Servers that remember a connection of ours that we forgot: the first, the second or the third
// new port gets a challenge ACK (responder.variant: 0, 1, 2).
extern const struct behaviour behaviour_forgotten;
// The same for every port.
extern const struct behaviour behaviour_forgotten_always;
