#include "lib/capfile.h"

#include "lib/addrtext.h"
#include "lib/jobline.h"
#include "lib/tfo/conditions.h"
#include "lib/tfo/jsonput.h"

#include <string.h>

#define MAGIC "dpdk-tfoscan capture "
#define FORM 1u
#define FORM_STEERED 2u // what steered the ports stands behind the rest
#define MAX_TEXT_OCTETS (CAPFILE_TARGET_MAX_OCTETS - 1024u)

// ---- writing: words with a blank or a line's end between them

static char *put_key_number(char *p, const char *key, uint64_t v) {
	p = put_text(p, key);
	*p++ = ' ';
	return put_number(p, v);
}

static char *put_line(char *p, const char *key, uint64_t v) {
	p = put_key_number(p, key, v);
	*p++ = '\n';
	return p;
}

static char *put_text_line(char *p, const char *key, const char *text) {
	p = put_text(p, key);
	*p++ = ' ';
	p = put_text(p, text);
	*p++ = '\n';
	return p;
}

static char *put_addr_line(char *p, const char *key, const struct ip_addr *addr) {
	char text[ADDRTEXT_OCTETS];
	return put_text_line(p, key, addrtext_print(addr, text));
}

static char *put_steer(char *p, const struct steer *steer) {
	p = put_text(p, "rss-key ");
	p = put_hex(p, steer->key, sizeof(steer->key));
	p = put_text(p, "\nrss-queues ");
	p = put_hex(p, steer->queues, steer->nb_entries);
	*p++ = '\n';
	return p;
}

size_t capfile_write_head(const struct capfile_head *head, char *buf) {
	const struct measure *m = &head->measure;
	bool is_steered = m->steer.nb_entries > 0;
	char *p = put_line(buf, "dpdk-tfoscan capture", is_steered ? FORM_STEERED : FORM);
	p = put_line(p, "seed", m->seed);
	p = put_line(p, "epoch", m->epoch);
	p = put_text_line(p, "connect", m->app->name);
	p = put_line(p, "tries", m->tries);
	p = put_line(p, "rounds", m->rounds);
	p = put_line(p, "controls", m->has_controls);
	p = put_line(p, "timeout", m->timeout_s);
	p = put_line(p, "mss4", m->mss4);
	p = put_line(p, "mss6", m->mss6);
	p = put_addr_line(p, "source4", &m->laddr4);
	p = put_addr_line(p, "source6", &m->laddr6);
	p = put_line(p, "first-port", m->ports.first);
	p = put_line(p, "ports", m->ports.count);
	p = put_line(p, "workers", m->nb_workers);
	p = put_line(p, "raw-cookies", head->raw_cookies);
	p = put_line(p, "seed-conditions", head->seed_conditions_only);
	p = put_line(p, "flows", head->has_flows);
	p = put_text_line(p, "filter", head->filter ? head->filter : "-");
	p = put_text_line(p, "domain", head->domain[0] ? head->domain : "-");
	p = put_text(p, "question ");
	p = put_hex(p, m->question, m->question_len);
	*p++ = '\n';
	if (is_steered)
		p = put_steer(p, &m->steer);
	return (size_t)(p - buf);
}

static char *put_unreached(char *p, const struct capfile_target *target) {
	char text[ADDRTEXT_OCTETS];
	p = put_text(p, "unreached ");
	p = put_text(p, addrtext_print(&target->addr, text));
	p = put_key_number(p, " port", target->port);
	p = put_key_number(p, " from", target->from_ns);
	p = put_key_number(p, " to", target->to_ns);
	*p++ = ' ';
	return p;
}

size_t capfile_write_target(const struct capfile_target *target, char *buf) {
	const struct jobtext *job = &target->job;
	if (job->text_len > MAX_TEXT_OCTETS)
		return 0;
	char *p = target->is_unreached ? put_unreached(buf, target) : buf;
	p = put_key_number(p, "target", target->index);
	p = put_key_number(p, " missing", target->nb_missing);
	p = put_key_number(p, " ordinal", target->first_ordinal);
	p = put_key_number(p, " placebo", target->is_placebo + target->placebo_has_data);
	p = put_key_number(p, " dip", job->has_dip);
	p = put_key_number(p, " dp", job->has_dp);
	p = put_key_number(p, " domain", job->has_domain);
	p = put_text(p, " name ");
	p = job->name_len > 0 ? put_hex(p, job->name, job->name_len) : put_text(p, "-");
	p = put_text(p, " job ");
	memcpy(p, job->text, job->text_len);
	return (size_t)(p - buf) + job->text_len;
}

// ---- reading: every key stands where it is written

struct cursor {
	const char *p, *end;
	bool is_bad;
};

struct word {
	const char *text;
	size_t len;
};

static bool takes(struct cursor *c, const char *literal) {
	size_t len = strlen(literal);
	if (c->is_bad || (size_t)(c->end - c->p) < len || memcmp(c->p, literal, len) != 0) {
		c->is_bad = true;
		return false;
	}
	c->p += len;
	return true;
}

// Up to the delimiter, which is passed over.
static struct word take_word(struct cursor *c, const char *key, char delimiter) {
	struct word word = {"", 0};
	if (!takes(c, key) || !takes(c, " "))
		return word;
	const char *stop = memchr(c->p, delimiter, (size_t)(c->end - c->p));
	c->is_bad = stop == NULL;
	if (c->is_bad)
		return word;
	word = (struct word){c->p, (size_t)(stop - c->p)};
	c->p = stop + 1;
	return word;
}

static uint64_t take_number(
	struct cursor *c, const char *key, char delimiter, uint64_t min, uint64_t max) {
	struct word word = take_word(c, key, delimiter);
	uint64_t v = 0;
	c->is_bad |= word.len == 0 || word.len > 20;
	for (size_t i = 0; i < word.len && !c->is_bad; i++) {
		unsigned int digit = (unsigned int)word.text[i] - '0';
		c->is_bad = digit > 9 || v > (UINT64_MAX - digit) / 10;
		v = v * 10 + digit;
	}
	c->is_bad |= v < min || v > max;
	return c->is_bad ? min : v;
}

static int hex_value(char digit) {
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

// Octets in hex; "-" is none. Returns how many.
static uint16_t take_hex(
	struct cursor *c, const char *key, char delimiter, uint8_t *octets, size_t max_octets) {
	struct word word = take_word(c, key, delimiter);
	if (word.len == 1 && word.text[0] == '-')
		return 0;
	c->is_bad |= word.len % 2 != 0 || word.len / 2 > max_octets;
	for (size_t i = 0; i < word.len / 2 && !c->is_bad; i++) {
		int high = hex_value(word.text[2 * i]), low = hex_value(word.text[2 * i + 1]);
		c->is_bad = high < 0 || low < 0;
		octets[i] = (uint8_t)(high << 4 | low);
	}
	return c->is_bad ? 0 : (uint16_t)(word.len / 2);
}

static struct ip_addr take_addr(struct cursor *c, const char *key, char delimiter) {
	struct ip_addr addr = {0};
	struct word word = take_word(c, key, delimiter);
	c->is_bad |= addrtext_parse(word.text, word.len, &addr) != ADDRTEXT_OK;
	return addr;
}

static const struct app *take_app(struct cursor *c, const char *key) {
	char name[16];
	struct word word = take_word(c, key, '\n');
	c->is_bad |= word.len >= sizeof(name);
	if (c->is_bad)
		return NULL;
	memcpy(name, word.text, word.len);
	name[word.len] = '\0';
	const struct app *app = app_by_name(name);
	c->is_bad = app == NULL;
	return app;
}

static const char *take_filter(struct cursor *c, const char *key) {
	struct word word = take_word(c, key, '\n');
	if (word.len == 1 && word.text[0] == '-')
		return NULL;
	enum condition known = condition_by_word(word.text, word.len);
	c->is_bad |= known == NB_CONDITIONS;
	return c->is_bad ? NULL : condition_word(known);
}

// It comes to stand in records: only what a target list could have said.
static void take_domain(struct cursor *c, const char *key, char *domain, size_t size) {
	uint8_t wire[JOBLINE_DOMAIN_MAX_OCTETS], wire_len;
	struct word word = take_word(c, key, '\n');
	domain[0] = '\0';
	if (word.len == 1 && word.text[0] == '-')
		return;
	c->is_bad |= word.len >= size ||
		     jobline_domain(word.text, word.len, wire, &wire_len) != JOBLINE_TARGET;
	if (c->is_bad)
		return;
	memcpy(domain, word.text, word.len);
	domain[word.len] = '\0';
}

static void take_steer(struct cursor *c, struct steer *steer) {
	size_t len = take_hex(c, "rss-key", '\n', steer->key, sizeof(steer->key));
	uint16_t nb = take_hex(c, "rss-queues", '\n', steer->queues, sizeof(steer->queues));
	c->is_bad |= len != sizeof(steer->key) || nb == 0 || (nb & (nb - 1)) != 0;
	steer->nb_entries = nb;
}

static bool is_good(const struct capfile_head *head) {
	const struct measure *m = &head->measure;
	static const struct ip_addr none; // of a family that was not scanned
	return app_question_is_good(m->app, m->question, m->question_len) &&
	       m->ports.first + m->ports.count <= UINT16_MAX + 1u &&
	       m->ports.count / m->nb_workers >= NUMBERS_MAX_CONNECTIONS &&
	       (addr_is_v4(&m->laddr4) || addr_equal(&m->laddr4, &none)) && !addr_is_v4(&m->laddr6);
}

bool capfile_is_head(const char *text, size_t len) {
	return len >= strlen(MAGIC) && memcmp(text, MAGIC, strlen(MAGIC)) == 0;
}

enum capfile_result capfile_read_head(const char *text, size_t len, struct capfile_head *head) {
	struct cursor c = {text, text + len, false};
	struct measure *m = &head->measure;
	*head = (struct capfile_head){0};
	if (!capfile_is_head(text, len))
		return CAPFILE_OTHER;
	uint64_t form = take_number(&c, "dpdk-tfoscan capture", '\n', 0, UINT64_MAX);
	if (form != FORM && form != FORM_STEERED)
		return c.is_bad ? CAPFILE_BROKEN : CAPFILE_NEWER;
	m->seed = take_number(&c, "seed", '\n', 0, UINT64_MAX);
	m->epoch = take_number(&c, "epoch", '\n', 0, UINT64_MAX);
	m->app = take_app(&c, "connect");
	m->tries = (uint8_t)take_number(&c, "tries", '\n', 1, CONN_MAX_TRIES);
	m->rounds = (uint8_t)take_number(&c, "rounds", '\n', 1, 3);
	m->has_controls = take_number(&c, "controls", '\n', 0, 1);
	m->timeout_s = (uint32_t)take_number(&c, "timeout", '\n', 1, 60);
	m->mss4 = (uint16_t)take_number(&c, "mss4", '\n', 1, UINT16_MAX);
	m->mss6 = (uint16_t)take_number(&c, "mss6", '\n', 1, UINT16_MAX);
	m->laddr4 = take_addr(&c, "source4", '\n');
	m->laddr6 = take_addr(&c, "source6", '\n');
	m->ports.first = (uint16_t)take_number(&c, "first-port", '\n', 0, UINT16_MAX);
	m->ports.count = (uint16_t)take_number(&c, "ports", '\n', 1, UINT16_MAX);
	m->nb_workers = (unsigned int)take_number(&c, "workers", '\n', 1, UINT8_MAX);
	head->raw_cookies = take_number(&c, "raw-cookies", '\n', 0, 1);
	head->seed_conditions_only = take_number(&c, "seed-conditions", '\n', 0, 1);
	head->has_flows = take_number(&c, "flows", '\n', 0, 1);
	head->filter = take_filter(&c, "filter");
	take_domain(&c, "domain", head->domain, sizeof(head->domain));
	m->question_len = take_hex(&c, "question", '\n', m->question, sizeof(m->question));
	if (form == FORM_STEERED)
		take_steer(&c, &m->steer);
	return !c.is_bad && is_good(head) ? CAPFILE_OK : CAPFILE_BROKEN;
}

static void take_unreached(struct cursor *c, struct capfile_target *target) {
	static const char key[] = "unreached";
	size_t len = sizeof(key) - 1;
	target->is_unreached = (size_t)(c->end - c->p) > len && memcmp(c->p, key, len) == 0;
	if (!target->is_unreached)
		return;
	target->addr = take_addr(c, key, ' ');
	target->port = (uint16_t)take_number(c, "port", ' ', 1, UINT16_MAX);
	target->from_ns = take_number(c, "from", ' ', 0, UINT64_MAX);
	target->to_ns = take_number(c, "to", ' ', 0, UINT64_MAX);
}

bool capfile_read_target(const char *text, size_t len, struct capfile_target *target) {
	struct cursor c = {text, text + len, false};
	*target = (struct capfile_target){0};
	struct jobtext *job = &target->job;
	take_unreached(&c, target);
	target->index = take_number(&c, "target", ' ', 0, UINT64_MAX);
	target->nb_missing = (uint32_t)take_number(&c, "missing", ' ', 0, UINT32_MAX);
	target->first_ordinal = (uint8_t)take_number(
		&c, "ordinal", ' ', 0, NUMBERS_MAX_CONNECTIONS - NUMBERS_IN_ONE_GO);
	uint64_t placebo = take_number(&c, "placebo", ' ', 0, 2);
	target->is_placebo = placebo > 0;
	target->placebo_has_data = placebo > 1;
	job->has_dip = take_number(&c, "dip", ' ', 0, 1);
	job->has_dp = take_number(&c, "dp", ' ', 0, 1);
	job->has_domain = take_number(&c, "domain", ' ', 0, 1);
	job->name = target->name;
	job->name_len = (uint8_t)take_hex(&c, "name", ' ', target->name, UINT8_MAX);
	takes(&c, "job ");
	job->text = c.p;
	job->text_len = (uint16_t)(c.end - c.p);
	return !c.is_bad && (size_t)(c.end - c.p) <= MAX_TEXT_OCTETS;
}
