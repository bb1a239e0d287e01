#include "lib/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_OCTETS (1u << 16)

static int write_text(EVP_MD_CTX *context, char text[DIGEST_TEXT_OCTETS]) {
	unsigned char octets[EVP_MAX_MD_SIZE];
	unsigned int len = 0;
	if (EVP_DigestFinal_ex(context, octets, &len) != 1 || 2 * len >= DIGEST_TEXT_OCTETS)
		return -EIO;
	for (unsigned int i = 0; i < len; i++)
		snprintf(text + (size_t)2 * i, 3, "%02x", octets[i]);
	return 0;
}

static EVP_MD_CTX *begin(void) {
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	if (context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1)
		return context;
	EVP_MD_CTX_free(context);
	return NULL;
}

int digest_octets(const void *octets, size_t len, char text[DIGEST_TEXT_OCTETS]) {
	EVP_MD_CTX *context = begin();
	if (!context)
		return -EIO;
	int ret = EVP_DigestUpdate(context, octets, len) == 1 ? write_text(context, text) : -EIO;
	EVP_MD_CTX_free(context);
	return ret;
}

static int add_file(EVP_MD_CTX *context, int fd) {
	unsigned char buf[READ_OCTETS];
	ssize_t len;
	while ((len = read(fd, buf, sizeof(buf))) != 0) {
		if (len < 0 && errno != EINTR)
			return -errno;
		if (len > 0 && EVP_DigestUpdate(context, buf, (size_t)len) != 1)
			return -EIO;
	}
	return 0;
}

int digest_file(const char *path, char text[DIGEST_TEXT_OCTETS]) {
	struct stat st;
	if (stat(path, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ESPIPE;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	EVP_MD_CTX *context = begin();
	int ret = context ? add_file(context, fd) : -EIO;
	if (ret == 0)
		ret = write_text(context, text);
	EVP_MD_CTX_free(context);
	close(fd);
	return ret;
}
