# What scripts/lab computes from config/lab.tsv. The variable `mode` says what is wanted:
#   targets  the addresses of one family (`family`, 4 or 6) that belong to `what`, at most `n` a rule
#   ranges   for each rule: name, first and last IPv4 address, first and last IPv6 address
#   check    results against the table; inputs, told apart by `input`: table, targets, records
BEGIN {
	FS = "\t"
	split("works broken transient offline", words_of_connectivity, " ")
	split("received not_received", words_of_cookie, " ")
	split("acked not_acked failed", words_of_syndata, " ")
}

# ---- addresses: all of IPv4, the last two groups of IPv6 (the lab's prefix is fixed) as numbers

function hex(digits,   i, n) {
	n = 0
	for (i = 1; i <= length(digits); i++)
		n = n * 16 + index("0123456789abcdef", substr(digits, i, 1)) - 1
	return n
}

function number(address,   part, n) {
	if (address ~ /:/) {
		n = split(address, part, ":")
		return hex(part[n - 1]) * 65536 + hex(part[n])
	}
	split(address, part, ".")
	return ((part[1] * 256 + part[2]) * 256 + part[3]) * 256 + part[4]
}

# The address that comes `steps` after `first`.
function after(first, steps,   n, high, prefix) {
	n = number(first) + steps
	if (first !~ /:/)
		return sprintf("%d.%d.%d.%d", n / 16777216, int(n / 65536) % 256, int(n / 256) % 256, n % 256)
	prefix = first
	sub(/::.*/, "::", prefix)
	high = int(n / 65536)
	return prefix (high ? sprintf("%x:", high) : "") sprintf("%x", n % 65536)
}

/^#/ { next }

# ---- targets and ranges

# `live` with a number is the one server that has room for any: the others end where the table says.
mode == "targets" && (what == "all" || $1 == what || ($2 == what && !(n && what == "live"))) {
	first = family == 4 ? $3 : $5
	count = family == 4 ? $4 : $6
	if (n && ($1 == "live" || n < count))
		count = n
	for (i = 0; i < count; i++)
		print after(first, i)
}

mode == "ranges" { print $1 "\t" $3 "\t" after($3, $4 - 1) "\t" $5 "\t" after($5, $6 - 1) }

mode != "check" { next }

# ---- check

function add_range(first, count) {
	ranges++
	low[ranges] = number(first)
	high[ranges] = low[ranges] + count - 1
	is_six[ranges] = first ~ /:/
	rule_of_range[ranges] = $1
}

# An address that no line names is live: its server listens everywhere.
function rule_of(address,   n, six, i) {
	n = number(address)
	six = address ~ /:/
	for (i = 1; i <= ranges; i++)
		if (is_six[i] == six && low[i] <= n && n <= high[i])
			return rule_of_range[i]
	return "live"
}

function expect(word) {
	if (!(word in expected))
		order[++words] = word
	expected[word]++
}

# Words of the first list that are not in the second, each with a blank before it.
function without(list, other,   part, n, i, rest) {
	n = split(list, part, " ")
	rest = ""
	for (i = 1; i <= n; i++)
		if (index(" " other " ", " " part[i] " ") == 0)
			rest = rest " " part[i]
	return rest
}

function complain(text) {
	complaint[++complaints] = text
}

input == "table" {
	rules[++nb_rules] = $1
	must[$1] = $7
	may[$1] = $8 == "-" ? "" : $8
	add_range($3, $4)
	add_range($5, $6)
}

input == "targets" && $1 != "" && !($1 in rule) {
	rule[$1] = rule_of($1)
	target[++targets] = $1
	addresses[rule[$1]]++
	n = split(must[rule[$1]], part, " ")
	for (i = 1; i <= n; i++)
		expect(part[i])
}

input == "records" {
	records++
	seen_times[$1]++
	n = split($2, part, " ")
	for (i = 1; i <= n; i++) {
		if (!(part[i] in found) && !(part[i] in expected))
			order[++words] = part[i]
		found[part[i]]++
	}
	judge($1, $2)
}

function judge(address, seen,   missing, surplus) {
	if (!(address in rule)) {
		complain(address " is no target: " seen)
		return
	}
	missing = without(must[rule[address]], seen)
	surplus = without(seen, must[rule[address]] " " may[rule[address]])
	if (missing == "" && surplus == "")
		right[rule[address]] += seen_times[address] == 1
	else
		complain(address " (" rule[address] ") seen: " seen (missing == "" ? "" : "; missing:" missing) \
			(surplus == "" ? "" : "; not expected:" surplus))
}

function line(word, number_seen, share, number_expected) {
	printf "%-32s %8d  %6.2f %%  %8s\n", word, number_seen, share, number_expected
}

# Shares of two digits that add up to 100: what rounding down leaves goes to the largest remainders.
function print_family(name, list,   n, i, k, left, best, counts, labels, wanted, parts, remainder, \
	seen_sum, wanted_sum) {
	for (k = 1; k in list; k++) {
		labels[k] = "tfo." name "." list[k]
		counts[k] = found[labels[k]] + 0
		wanted[k] = expected[labels[k]] + 0
		seen_sum += counts[k]
		wanted_sum += wanted[k]
		is_of_family[labels[k]] = 1
	}
	n = k
	labels[n] = "no word of tfo." name
	counts[n] = records - seen_sum
	wanted[n] = targets - wanted_sum
	left = 10000
	for (i = 1; i <= n; i++) {
		parts[i] = int(counts[i] * 10000 / records)
		remainder[i] = counts[i] * 10000 / records - parts[i]
		left -= parts[i]
	}
	for (; left > 0; left--) {
		best = 1
		for (i = 2; i <= n; i++)
			if (remainder[i] > remainder[best])
				best = i
		parts[best]++
		remainder[best] = -1
	}
	for (i = 1; i <= n; i++)
		if (counts[i] || wanted[i])
			line(labels[i], counts[i], parts[i] / 100, wanted[i])
	line("", records, 100, targets)
	print ""
}

function print_conditions(   i, word) {
	printf "%-32s %8s  %8s  %8s\n", "condition", "count", "share", "expected"
	print_family("connectivity", words_of_connectivity)
	print_family("cookie", words_of_cookie)
	print_family("syndata", words_of_syndata)
	for (i = 1; i <= words; i++) {
		word = order[i]
		if (!(word in is_of_family))
			line(word, found[word], 100 * found[word] / records, word in expected ? expected[word] : "-")
	}
}

function print_rules(   i, name) {
	printf "\n%-14s %9s %9s  %s\n", "rule", "addresses", "right", "conditions expected [and allowed]"
	for (i = 1; i <= nb_rules; i++) {
		name = rules[i]
		if (name in addresses)
			printf "%-14s %9d %9d  %s%s\n", name, addresses[name], right[name], must[name], \
				may[name] == "" ? "" : " [" may[name] "]"
	}
}

END {
	if (mode != "check")
		exit
	for (i = 1; i <= targets; i++) {
		if (!(target[i] in seen_times))
			complain(target[i] " (" rule[target[i]] ") has no record")
		else if (seen_times[target[i]] > 1)
			complain(target[i] " (" rule[target[i]] ") has " seen_times[target[i]] " records")
	}
	if (records)
		print_conditions()
	print_rules()
	print ""
	for (i = 1; i <= complaints; i++)
		print "wrong: " complaint[i]
	printf "%d targets, %d records, %d wrong\n", targets, records, complaints
	exit complaints > 0
}
