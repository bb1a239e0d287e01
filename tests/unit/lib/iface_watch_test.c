// Without privilege no link can be moved: tests/live/iface_test.sh does that.
#include "lib/iface_watch.h"

#include <criterion/criterion.h>
#include <errno.h>

Test(iface_watch, unknown_interface_is_refused) {
	struct iface_watch watch;
	cr_assert_eq(iface_watch_open(&watch, "no-such-iface"), -ENODEV);
	cr_assert_eq(iface_watch_open(&watch, "a-name-longer-than-any-interface-has"), -ENODEV);
}

Test(iface_watch, link_left_alone_does_not_flap) {
	struct iface_watch watch;
	struct iface_watch_state state;
	cr_assert_eq(iface_watch_open(&watch, "lo"), 0);
	enum iface_link first = watch.last;
	for (int i = 0; i < 3; i++) {
		cr_assert_eq(iface_watch_poll(&watch, &state), 0);
		cr_assert_eq(state.link, first);
		cr_assert_not(state.has_flapped);
		cr_assert_not(state.is_replaced);
	}
	iface_watch_close(&watch);
}
