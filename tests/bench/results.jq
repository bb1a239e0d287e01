# From the raw figures of all rounds to bench/results.json: medians, and the least and the most of what
# was measured more than once. Called by scripts/bench, with what it knows as variables.

def middle: sort | if length % 2 == 1 then .[length / 2 | floor]
	else (.[length / 2 - 1] + .[length / 2]) / 2 end;
def mpps: if . == null then null else . / 1e4 | round / 100 end;

$raw[0] as $r |

# The figures of which `choose` makes one of the list of all rounds.
def figures(choose):
	def f($k): $r[$k] | if . == null then null else choose * 1000 | round / 1000 end;
	def port($k): {ratio: f($k + ".ratio"), mpps: (f($k + ".frames_per_s") | mpps),
		testpmd_mpps: (f($k + ".testpmd") | mpps)};
	{
		memif: {ratio_64k: f("memif_64k.ratio"), ratio_32m: f("memif_32m.ratio"),
			mpps_64k: (f("memif_64k.frames_per_s") | mpps), mpps_32m: (f("memif_32m.frames_per_s") | mpps),
			testpmd_mpps_64k: (f("memif_64k.testpmd") | mpps), testpmd_mpps_32m: (f("memif_32m.testpmd") | mpps)},
		af_xdp: port("af_xdp"),
		af_packet: port("af_packet"),
		cycles_above_driver: {silent: f("null_64k.cycles_above_driver"), silent_32m: f("null_32m.cycles_above_driver"),
			plain: f("plain.cycles_above_driver"), tfo: f("tfo.cycles_above_driver")},
		answering: {plain_frames: f("plain.frames_per_target"), tfo_frames: f("tfo.frames_per_target"),
			plain_cycles_per_frame: f("plain.cycles_per_frame"), tfo_cycles_per_frame: f("tfo.cycles_per_frame")},
		cycles_per_target: {silent: f("null_64k.cycles_per_target"), silent_32m: f("null_32m.cycles_per_target")},
		driver_cycles_per_frame: f("null_64k.driver_cycles_per_frame"),
		frames_per_target: f("null_64k.frames_per_target"),
		match_cycles: f("match.cycles"),
		machine: {busy_before_percent: f("busy_before_percent"), distance_cycles: f("distance_cycles")}
	};

# Of the rounds in which the two CPUs were near, or far.
def mode($mode):
	def ratio($k): $r["\($k).ratio_\($mode)"] | if . == null then null else middle end;
	{memif_ratio_64k: ratio("memif_64k"), memif_ratio_32m: ratio("memif_32m"),
		af_xdp_ratio: ratio("af_xdp"), af_packet_ratio: ratio("af_packet")};

def once($k): $r[$k] | if . == null then null else middle end;
def through($k): ["1", "2", "4"] | map({key: ., value: once("through.\($k).\(.)")}) | from_entries;

{date: $versions[0].date} +
(figures(middle) * {
	machine: ({$cpu, $cpus} + $versions[0].versions),
	answering: {wrong: ([$r["plain.wrong"], $r["tfo.wrong"]] | map(. // []) | add | add)}}) +
{
	$rounds, $seconds,
	lines_per_s: once("lines.per_s"), start_ms: once("start_ms"),
	collector: {records_per_s: once("collector.records_per_s"),
		short_records_per_s: once("collector.short_records_per_s")},
	octets_per_target: once("null_32m.octets_per_target"),
	octets_per_target_64k: once("null_64k.octets_per_target"),
	own_loss: once("own_loss.frames"),
	scan: {targets: once("own_loss.targets"), frames_per_s_asked: once("own_loss.rate"),
		records: once("own_loss.records"), exit_code: once("own_loss.exit_code")},
	targets_per_s: {plain: through("plain"), tfo: through("tfo")},
	least: figures(min), most: figures(max),
	by_mode: {near: mode("near"), far: mode("far")},
	raw: $r,
	notes: ($notes | split("\n") | map(select(. != "")))
}
