#include "app/config.h"

#include "app/eal_args.h"
#include "app/exit_code.h"
#include "app/say.h"
#include "lib/addrtext.h"
#include "lib/conffile.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_OCTETS (1u << 20)
#define MAX_ENTRIES 256u
#define SAVED_HEAD "# written by dpdk-tfoscan --check --save"

struct entry {
	struct conffile_entry said;
	unsigned int line;
};

struct file {
	const char *path;
	char *text; // ends with a line feed and room for a NUL
	size_t len;
	struct entry entries[MAX_ENTRIES];
	unsigned int nb_entries;
};

static enum options_result cannot_read(const struct file *f, int error) {
	say("%s: %s (-C names another configuration)", f->path, strerror(error));
	return OPTIONS_BAD;
}

// OPTIONS_STOP: there is none, and none was asked for.
static enum options_result load(struct file *f, bool is_wanted) {
	FILE *in = fopen(f->path, "re");
	if (in == NULL)
		return !is_wanted && errno == ENOENT ? OPTIONS_STOP : cannot_read(f, errno);
	f->text = malloc(MAX_OCTETS + 2);
	if (f->text)
		f->len = fread(f->text, 1, MAX_OCTETS + 1, in);
	int error = f->text == NULL ? ENOMEM : ferror(in) ? EIO : 0;
	fclose(in);
	if (error == 0 && f->len > MAX_OCTETS)
		error = EFBIG;
	if (error != 0)
		return cannot_read(f, error);
	f->text[f->len] = '\n';
	return OPTIONS_RUN;
}

static enum options_result wrong_in(
	const struct file *f, const struct entry *e, const char *wrong) {
	const char *name = e->said.name ? e->said.name : "";
	const char *value = e->said.value ? e->said.value : "";
	say("%s:%u: %s%s%.400s%s%s", f->path, e->line, name, *value ? " = " : "", value,
		*name ? ": " : "", wrong);
	return OPTIONS_BAD;
}

static enum options_result parse(struct file *f) {
	char *line = f->text, *end = f->text + f->len;
	for (unsigned int number = 1; line < end; number++) {
		char *feed = memchr(line, '\n', (size_t)(end + 1 - line));
		struct entry e = {.line = number};
		enum conffile_result result = conffile_line(line, (size_t)(feed - line), &e.said);
		line = feed + 1;
		if (result == CONFFILE_NOTHING)
			continue;
		if (result != CONFFILE_ENTRY)
			return wrong_in(f, &(struct entry){.line = number}, conffile_mend(result));
		if (f->nb_entries == MAX_ENTRIES)
			return wrong_in(f, &e, "too many lines");
		f->entries[f->nb_entries++] = e;
	}
	return OPTIONS_RUN;
}

static const char *saved_pci(const struct file *f) {
	for (unsigned int i = 0; i < f->nb_entries; i++) {
		if (strcmp(f->entries[i].said.name, "pci") == 0)
			return f->entries[i].said.value;
	}
	return NULL;
}

static enum options_result apply(struct options *o, const struct file *f, bool is_other_port) {
	static struct options left_out; // to be read all the same: a mistake is one
	for (unsigned int i = 0; i < f->nb_entries; i++) {
		const struct entry *e = &f->entries[i];
		bool is_left_out = is_other_port && options_is_of_nic(e->said.name);
		const char *wrong = options_set(
			is_left_out ? &left_out : o, e->said.name, e->said.value, e->line);
		if (wrong)
			return wrong_in(f, e, wrong);
	}
	return OPTIONS_RUN;
}

const char *config_path(const struct options *o) {
	return o->config ? o->config : CONFIG_USUAL_PATH;
}

enum options_result config_read(struct options *o, int eal_argc, char **eal_argv) {
	static struct file f;
	f.path = config_path(o);
	if (o->save) // it is about to be written
		return OPTIONS_RUN;
	enum options_result result = load(&f, o->config != NULL);
	if (result != OPTIONS_RUN)
		return result == OPTIONS_STOP ? OPTIONS_RUN : result;
	result = parse(&f);
	if (result != OPTIONS_RUN)
		return result;
	const char *pci = o->pci ? o->pci : saved_pci(&f);
	bool is_other = o->interface || eal_args_choose_other(eal_argc, eal_argv, pci) ||
			(o->pci && saved_pci(&f) && strcmp(o->pci, saved_pci(&f)) != 0);
	return apply(o, &f, pci != NULL && is_other);
}

// ---- saving

// A file that a user wrote is not to be lost.
static bool may_write(const struct options *o, const char *path) {
	char head[sizeof(SAVED_HEAD)] = "";
	FILE *in = fopen(path, "re");
	if (in == NULL)
		return true;
	bool is_ours = fgets(head, sizeof(head), in) == NULL || strcmp(head, SAVED_HEAD) == 0;
	fclose(in);
	return is_ours || o->overwrite;
}

static void write_addresses(FILE *out, const struct iface_info *iface) {
	bool has_v4 = false, has_v6 = false;
	char text[ADDRTEXT_OCTETS];
	for (size_t i = 0; i < iface->nb_addrs; i++) {
		const struct iface_addr *a = &iface->addrs[i];
		bool *has = addr_is_v4(&a->addr) ? &has_v4 : &has_v6;
		if (a->is_link_local || *has)
			continue;
		*has = true;
		fprintf(out, "source-ip = %s/%u\n", addrtext_print(&a->addr, text), a->prefix_bits);
	}
	if (iface->has_gateway4 && has_v4)
		fprintf(out, "gateway = %s\n", addrtext_print(&iface->gateway4, text));
	if (iface->has_gateway6 && has_v6)
		fprintf(out, "gateway = %s\n", addrtext_print(&iface->gateway6, text));
}

static void write_all(FILE *out, const struct iface_info *iface, const char *pci) {
	const uint8_t *m = iface->mac;
	fprintf(out, SAVED_HEAD ": interface %s as the kernel had it\n", iface->name);
	if (*pci)
		fprintf(out, "pci = %s\n", pci);
	fprintf(out, "source-mac = %02x:%02x:%02x:%02x:%02x:%02x\n", m[0], m[1], m[2], m[3], m[4],
		m[5]);
	write_addresses(out, iface);
}

static int cannot_write(const char *path, int error) {
	say("%s cannot be written: %s (as root, or to another file with -C)", path,
		strerror(error));
	return EXIT_CANNOT;
}

int config_save(const struct options *o, const struct iface_info *iface, const char *pci,
	const char **path) {
	char draft[PATH_MAX];
	*path = config_path(o);
	if (o->config == NULL)
		mkdir("/etc/dpdk-tfoscan", 0755); // else opening says why not
	if (!may_write(o, *path)) {
		say("%s was not written by --save: give another with -C, or --overwrite", *path);
		return EXIT_USAGE;
	}
	if (snprintf(draft, sizeof(draft), "%s.new", *path) >= (int)sizeof(draft))
		return cannot_write(*path, ENAMETOOLONG);
	FILE *out = fopen(draft, "we");
	if (out == NULL)
		return cannot_write(*path, errno);
	write_all(out, iface, pci);
	bool is_bad = ferror(out);
	if (fclose(out) != 0 || is_bad || rename(draft, *path) != 0) {
		int error = errno ? errno : EIO;
		unlink(draft);
		return cannot_write(*path, error);
	}
	return 0;
}
