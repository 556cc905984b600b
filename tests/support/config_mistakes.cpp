// SPDX-License-Identifier: Apache-2.0
#include "tests/support/config_mistakes.h"

namespace reelmill::test {
namespace {

/// A configuration without mistakes up to and including line 4; the rest is appended.
const std::string kHead =
    "version: 1\n"
    "stages:\n"
    "  - { id: frames, use: decode }\n"
    "  - { id: shots, use: shots, from: frames }\n";

/// The same with a call and a guard: lines 1 to 6.
const std::string kCall =
    "version: 1\n"
    "guards: { store: { breaker: {} } }\n"
    "stages:\n"
    "  - { id: frames, use: decode }\n"
    "  - { id: shots, use: shots, from: frames }\n"
    "  - { id: publish, use: upload, from: shots, guard: store, with: { to: x }";

std::string guard(const std::string& content) {
  return "version: 1\n"
         "guards:\n"
         "  store:\n"
         "    " +
         content +
         "\n"
         "stages:\n"
         "  - { id: frames, use: decode }\n"
         "  - { id: shots, use: shots, from: frames }\n"
         "  - { id: publish, use: upload, from: shots, guard: store, with: { to: x } }\n";
}

std::vector<ConfigMistake> option_mistakes() {
  constexpr auto to_schema = Visible::to_schema;
  const auto with = [](const std::string& options) {
    return kHead + "  - { id: dark, use: black, from: frames, with: { " + options + " } }\n";
  };
  return {
      {"UnknownOption",
       with("widht: 32"),
       {"5: stages[2].with.widht: unknown key; did you mean 'width'?"},
       to_schema},
      {"NumberBelowItsRange",
       with("width: 8"),
       {"5: stages[2].with.width: 8 is below 16"},
       to_schema},
      {"NumberAboveItsRange",
       with("share: 1.5"),
       {"5: stages[2].with.share: 1.5 is above 1"},
       to_schema},
      {"TextForANumber",
       with("width: wide"),
       {"5: stages[2].with.width: 'wide' is not a whole number"},
       to_schema},
      {"QuotedNumber",
       with("width: \"32\""),
       {"5: stages[2].with.width: '32' is not a whole number"},
       to_schema},
      {"FractionForAWholeNumber",
       with("width: 32.5"),
       {"5: stages[2].with.width: '32.5' is not a whole number"},
       to_schema},
      {"NumberThatIsNone",
       with("share: .nan"),
       {"5: stages[2].with.share: '.nan' is not a number"}},
      {"YesForTrue",
       with("deep: maybe"),
       {"5: stages[2].with.deep: 'maybe' is not true or false"},
       to_schema},
      {"DurationWithoutUnit",
       with("min_duration: 5"),
       {"5: stages[2].with.min_duration: '5' needs a unit of time: ns, us, ms, s, m, h or d, as in "
        "250ms"},
       to_schema},
      {"DurationWithAUnitOfSize",
       with("min_duration: 5MiB"),
       {"5: stages[2].with.min_duration: '5MiB' needs a unit of time: ns, us, ms, s, m, h or d, as "
        "in 250ms"},
       to_schema},
      {"DurationBeyondItsRange",
       with("min_duration: 2h"),
       {"5: stages[2].with.min_duration: 2h is above 1h"}},
      {"SizeWithAUnitOfTime",
       with("memory: 5s"),
       {"5: stages[2].with.memory: '5s' needs a unit of size: B, KiB, MiB, GiB, TiB, kB, MB, GB or "
        "TB, as in 64MiB"},
       to_schema},
      {"SizeBelowItsRange",
       with("memory: 1000B"),
       {"5: stages[2].with.memory: 1000B is below 1KiB"}},
      {"UnknownChoice",
       with("speed: fasd"),
       {"5: stages[2].with.speed: 'fasd' is none of fast, exact; did you mean 'fast'?"},
       to_schema},
      {"ListForAText",
       with("title: [a, b]"),
       {"5: stages[2].with.title: a list is not a text"},
       to_schema},
      {"MapInAList",
       with("words: [a, { b: c }]"),
       {"5: stages[2].with.words[1]: a map is not a text"},
       to_schema},
      {"ListForTheOptions",
       kHead + "  - { id: dark, use: black, from: frames, with: [32] }\n",
       {"5: stages[2].with: a list is not a map of options"},
       to_schema},
      {"MissingRequiredOption",
       kHead + "  - id: publish\n    use: upload\n    from: shots\n    with: { token: x }\n",
       {"8: stages[2].with: needs 'to': where it goes"},
       to_schema},
      {"MissingOptions",
       kHead + "  - id: publish\n    use: upload\n    from: shots\n",
       {"5: stages[2].with: needs 'to': where it goes"},
       to_schema},
      {"ValueFromTheEnvironmentIsCheckedAndNotShown",
       with("width: \"${WIDTH}\""),
       {"5: stages[2].with.width: a value from the environment or a file is below 16"}},
      {"DurationFromTheEnvironmentIsNotShown",
       with("min_duration: \"${WIDTH}\""),
       {"5: stages[2].with.min_duration: a value from the environment or a file is not a duration: "
        "write 250ms, 30s, 10m, 2h"}},
      {"ChoiceFromTheEnvironmentIsNotShown",
       with("speed: \"${WIDTH}\""),
       {"5: stages[2].with.speed: a value from the environment or a file is none of fast, exact"}},
      {"VariableWithoutQuotesInBraces",
       with("width: ${WIDTH}"),
       {"5: '{' without '}', or a ',' is missing; inside { } or [ ], put quotes around "
        "\"${NAME}\""}},
  };
}

std::vector<ConfigMistake> stage_mistakes() {
  constexpr auto to_schema = Visible::to_schema;
  return {
      {"UnknownStage",
       kHead + "  - { id: dark, use: blak, from: frames }\n",
       {"5: stages[2].use: no stage is called 'blak'; did you mean 'black'?"},
       to_schema},
      {"StageLikeNoOther",
       kHead + "  - { id: dark, use: telepathy, from: frames }\n",
       {"5: stages[2].use: no stage is called 'telepathy'; known here: black, decode, freeze, "
        "quality, shots, thumbnails, upload"},
       to_schema},
      {"UnknownKeyOfAStage",
       kHead + "  - { id: dark, use: black, form: frames }\n",
       {"5: stages[2].form: unknown key; did you mean 'from'?",
        "5: stages[2]: needs 'from': the ids of the stages it stands on; 'frames' makes frames"},
       to_schema},
      {"StageWithoutId",
       kHead + "  - { use: black, from: frames }\n",
       {"5: stages[2]: needs 'id': a name of its own"},
       to_schema},
      {"StageWithoutUse",
       kHead + "  - { id: dark, from: frames }\n",
       {"5: stages[2]: needs 'use': what the stage does"},
       to_schema},
      {"StageThatIsAText",
       kHead + "  - black\n",
       {"5: stages[2]: 'black' is not a stage: write { id: ..., use: ... }"},
       to_schema},
      {"IdWithSpaces",
       kHead + "  - { id: Dark Frames, use: black, from: frames }\n",
       {"5: stages[2].id: 'Dark Frames' is no name: a-z, 0-9, '_' and '-', at most 64, beginning "
        "with a letter or digit"},
       to_schema},
      {"DuplicateId",
       kHead + "  - { id: shots, use: black, from: frames }\n",
       {"5: stages[2].id: 'shots' is already the id of stages[1] in line 4"}},
      {"SameStageTwice",
       kHead + "  - { id: again, use: shots, from: frames }\n",
       {"5: stages[2].use: 'shots' in line 4 uses 'shots' already, and a second one would "
        "overwrite its results"}},
      {"UnknownReference",
       kHead + "  - { id: dark, use: black, from: frame }\n",
       {"5: stages[2].from: no stage has the id 'frame'; did you mean 'frames'?"}},
      {"UnknownReferenceInAList",
       kHead + "  - id: dark\n    use: black\n    from:\n      - frames\n      - telepathy\n",
       {"9: stages[2].from: no stage has the id 'telepathy'; known here: frames, shots"}},
      {"SameReferenceTwice",
       kHead + "  - { id: dark, use: black, from: [frames, frames] }\n",
       {"5: stages[2].from: names 'frames' twice"},
       to_schema},
      {"NoReference",
       kHead + "  - { id: dark, use: black }\n",
       {"5: stages[2]: needs 'from': the ids of the stages it stands on; 'frames' makes frames"},
       to_schema},
      {"EmptyReference",
       kHead + "  - { id: dark, use: black, from: [] }\n",
       {"5: stages[2].from: is empty; 'frames' makes frames"},
       to_schema},
      {"SourceThatStandsOnSomething",
       "version: 1\nstages:\n  - { id: frames, use: decode, from: shots }\n"
       "  - { id: shots, use: shots, from: frames }\n",
       {"3: stages[0].from: the source stands on nothing: leave 'from' out",
        "3: stages[0].from: stands on itself: frames <- shots <- frames"},
       to_schema},
      {"Cycle",
       kHead + "  - { id: a, use: black, from: [frames, c] }\n"
               "  - { id: b, use: freeze, from: a }\n"
               "  - { id: c, use: quality, from: b }\n",
       {"5: stages[2].from: stands on itself: a <- c <- b <- a"}},
      {"StageOnItself",
       kHead + "  - { id: a, use: black, from: a }\n",
       {"5: stages[2].from: stands on itself: a <- a"}},
      {"NoSource",
       "version: 1\nstages:\n  - { id: shots, use: shots, from: frames }\n",
       {"3: stages: no stage makes frames: add '- { id: frames, use: decode }'",
        "3: stages[0].from: no stage has the id 'frames'"}},
      {"TwoSources",
       kHead + "  - { id: again, use: decode }\n",
       {"5: stages[2].use: a second source; 'frames' in line 3 is one already, and one is all it "
        "takes"}},
      {"StageThatStandsOnAWholeVideoStage",
       kHead + "  - { id: thumbs, use: thumbnails, from: [frames, shots] }\n"
               "  - { id: dark, use: black, from: [frames, thumbs] }\n",
       {"6: stages[3].from: 'thumbs' works on whole videos, after 'dark' has seen all frames"}},
      {"MissingNeed",
       kHead + "  - { id: thumbs, use: thumbnails, from: frames }\n",
       {"5: stages[2].from: 'thumbnails' needs a stage with 'use: shots' here; add 'shots'"}},
      {"StageOnACall",
       kCall + " }\n  - { id: dark, use: black, from: [frames, publish] }\n",
       {"7: stages[3].from: 'publish' is a call to a service; nothing can stand on it"}},
      {"CallWithoutFrom",
       kHead + "  - { id: publish, use: upload, with: { to: x } }\n",
       {"5: stages[2]: needs 'from': the ids of the stages it stands on; 'frames' makes frames"},
       to_schema},
      {"BatchOnAStageThatIsNoCall",
       kHead + "  - { id: dark, use: black, from: frames, batch: { strategy: fixed } }\n",
       {"5: stages[2].batch: 'black' is no call to a service: frames between decode and analyze "
        "stay on the thread that decoded them, so there is no queue to batch"},
       to_schema},
      {"LanesOnAStageThatIsNoCall",
       kHead + "  - { id: dark, use: black, from: frames, lanes: 2 }\n",
       {"5: stages[2].lanes: 'black' is no call to a service: it runs on the workers, whose number "
        "is --workers"},
       to_schema},
      {"BatchStrategyThatDoesNotExist",
       kCall + ", batch: { strategy: hybird } }\n",
       {"6: stages[2].batch.strategy: 'hybird' is none of fixed, adaptive, time_based, load_based, "
        "hybrid; did you mean 'hybrid'?"},
       to_schema},
      {"BatchSizesThatContradict",
       kCall + ",\n      batch: { strategy: fixed, initial_batch_size: 6, max_batch_size: 5 } }\n",
       {"7: stages[2].batch.initial_batch_size: must lie between min_batch_size and "
        "max_batch_size"}},
      {"BatchOfMoreThanAtMost",
       kCall + ",\n      batch: { strategy: fixed, initial_batch_size: 7, min_batch_size: 7,\n"
               "               max_batch_size: 5 } }\n",
       {"7: stages[2].batch.initial_batch_size: must lie between min_batch_size and "
        "max_batch_size",
        "8: stages[2].batch.max_batch_size: must be at least min_batch_size"}},
      {"BatchThatMayTakeLongerThanAnAttempt",
       "version: 1\nguards: { store: { timeout: { attempt: 2s } } }\nstages:\n"
       "  - { id: frames, use: decode }\n"
       "  - { id: publish, use: upload, from: frames, guard: store, with: { to: \"file:x\" },\n"
       "      batch: { strategy: fixed, target_processing_time: 3s } }\n",
       {"6: stages[1].batch.target_processing_time: 3s is longer than the guard gives an attempt: "
        "timeout.attempt is 2s"}},
      {"NoLanes", kCall + ", lanes: 0 }\n", {"6: stages[2].lanes: 0 is below 1"}, to_schema},
  };
}

std::vector<ConfigMistake> guard_mistakes() {
  constexpr auto to_schema = Visible::to_schema;
  return {
      {"UnknownGuard",
       "version: 1\nguards: { store: {} }\nstages:\n  - { id: frames, use: decode }\n"
       "  - { id: publish, use: upload, from: frames, guard: stor, with: { to: x } }\n",
       {"2: guards.store: warning: no stage uses this guard",
        "5: stages[1].guard: there is no guard 'stor'; did you mean 'store'?"}},
      {"GuardWithoutGuards",
       kHead + "  - { id: publish, use: upload, from: shots, guard: store, with: { to: x } }\n",
       {"5: stages[2].guard: there is no guard 'store': define it under 'guards:'"}},
      {"GuardOnAStageThatIsNoCall",
       "version: 1\nguards: { store: {} }\nstages:\n  - { id: frames, use: decode }\n"
       "  - { id: shots, use: shots, from: frames, guard: store }\n",
       {"5: stages[1].guard: 'shots' is no call to a service: there is nothing to guard"},
       to_schema},
      {"UnknownPartOfAGuard",
       guard("retrys: {}"),
       {"4: guards.store.retrys: unknown key; did you mean 'retry'?"},
       to_schema},
      {"UnknownOptionOfABreaker",
       guard("breaker: { treshold: 5 }"),
       {"4: guards.store.breaker.treshold: unknown key; known here: failure_threshold, "
        "success_threshold, timeout, failure_rate_threshold, window_calls, window_time, "
        "window_buckets, minimum_calls, slow_call_duration, slow_call_rate_threshold, "
        "permitted_probes, probe_timeout, timeout_multiplier, max_timeout, timeout_jitter, "
        "ramp_step, ramp_start, adaptive, false_trip_calls, learn_calls"},
       to_schema},
      {"NoAttempts",
       guard("retry: { max_attempts: 0 }"),
       {"4: guards.store.retry.max_attempts: 0 is below 1"},
       to_schema},
      {"DelaysThatContradict",
       guard("retry: { base_delay: 10s, max_delay: 1s }"),
       {"4: guards.store.retry.max_delay: must be at least base_delay"}},
      {"TimeoutWithoutUnit",
       guard("timeout: { attempt: 60 }"),
       {"4: guards.store.timeout.attempt: '60' needs a unit of time: ns, us, ms, s, m, h or d, as "
        "in 250ms"},
       to_schema},
      {"AttemptLongerThanTheWhole",
       guard("timeout: { attempt: 60s, total: 10s }"),
       {"4: guards.store.timeout: attempt: 1m is longer than total: 10s"}},
      {"TooFewProbes",
       guard("breaker: { success_threshold: 3, permitted_probes: 2 }"),
       {"4: guards.store.breaker.permitted_probes: must be 0 or at least success_threshold"}},
      {"GuardThatIsAText",
       guard("true"),
       {"4: guards.store: 'true' is not a map of options"},
       to_schema},
  };
}

std::vector<ConfigMistake> document_mistakes() {
  constexpr auto to_schema = Visible::to_schema;
  return {
      {"UnknownSection",
       "verison: 1\n" + kHead.substr(kHead.find('\n') + 1),
       {"1: verison: unknown key; did you mean 'version'?", "1: needs 'version: 1'"},
       to_schema},
      {"VersionOfTheFuture",
       "version: 2\n" + kHead.substr(kHead.find('\n') + 1),
       {"1: version: version 2 is not known; this program reads version 1"},
       to_schema},
      {"NoStages",
       "version: 1\nname: empty\n",
       {"1: needs 'stages': the list of what is done with each video"},
       to_schema},
      {"EmptyListOfStages",
       "version: 1\nstages: []\n",
       {"2: stages: is empty: add '- { id: frames, use: decode }'"},
       to_schema},
      {"StagesAsAMap",
       "version: 1\nstages: { frames: decode }\n",
       {"2: stages: a map is not a list of stages"},
       to_schema},
      {"UnknownLimit",
       kHead + "limits: { max_video_in_flight: 3 }\n",
       {"5: limits.max_video_in_flight: unknown key; did you mean 'max_videos_in_flight'?"},
       to_schema},
      {"NegativeLimit",
       kHead + "limits:\n  max_videos_in_flight: -1\n",
       {"6: limits.max_videos_in_flight: -1 is below 0"},
       to_schema},
      {"EmptyPattern",
       kHead + "input: { include: [\"\"] }\n",
       {"5: input.include: an empty pattern matches nothing"}},
      {"TextForTrue",
       kHead + "hash: sha256\n",
       {"5: hash: 'sha256' is not true or false"},
       to_schema},
      {"ImpatientWatchdog",
       kHead + "watchdog: { stall_timeout: 1ms }\n",
       {"5: watchdog.stall_timeout: 1ms is below 100ms"}},
      {"MissingPlugin",
       kHead + "plugins: [nowhere/libmine.so]\n",
       {"5: plugins[0]: plugin nowhere/libmine.so: No such file or directory"}},
      {"ListForADocument",
       "- version\n- 1\n",
       {"1: a list is no configuration: it begins with 'version: 1'"},
       to_schema},
      {"UnsetVariable",
       kHead + "hash: ${UNSET}\n",
       {"5: hash: environment variable UNSET is not set"}},
      {"VariableWithABadName",
       kHead + "hash: ${WIDTH:-8}\n",
       {"5: hash: '${WIDTH:-8}' names no environment variable: letters, digits and _ are allowed; "
        "write '$${' for a plain '${'"}},
      {"UnfinishedVariable",
       kHead + "hash: a ${WIDTH\n",
       {"5: hash: '${' without '}'; write '$${' for a plain '${'"}},
      {"MissingSecretFile",
       kHead + "hash: ${file:/nowhere/secret}\n",
       {"5: hash: secret file /nowhere/secret does not exist"}},
      {"SecretFileWithinAText",
       kHead + "hash: a ${file:/nowhere/secret}\n",
       {"5: hash: '${file:/nowhere/secret}' must be the whole value"}},
      {"NameFromTheEnvironment",
       kHead + "name: ${WIDTH}\n",
       {"5: name: a name must stand here itself: it cannot come from the environment or a file"}},
      {"DuplicateKey",
       kHead + "name: a\nhash: true\nname: b\n",
       {"7: the key 'name' stands in line 5 already"}},
      {"DuplicateKeyOfAStage",
       kHead + "  - { id: dark, use: black, id: darker, from: frames }\n",
       {"5: the key 'id' stands in line 5 already"}},
      {"TabForIndentation",
       "version: 1\nstages:\n\t- { id: frames, use: decode }\n",
       {"3: indented with a tab; YAML wants spaces"}},
      {"UnclosedBrace",
       "version: 1\nstages:\n  - { id: frames, use: decode\n  - { id: shots }\n",
       {"4: '{' without '}', or a ',' is missing"}},
      {"UnclosedQuote",
       "version: 1\nname: \"archive\nstages: []\n",
       {"2: a quote without its closing quote"}},
      {"BadIndentation",
       "version: 1\nlimits:\n    segment_length: 1m\n  max_videos_in_flight: 1\n",
       {"4: this line's indentation fits none of the lines above it, or a ':' is missing"}},
      {"UndefinedAlias",
       kHead + "limits: *defaults\n",
       {"5: the alias stands for nothing: no '&' defines it above"}},
      {"AliasInsideItself",
       kHead + "input: &a { include: *a }\n",
       {"5: an alias inside the very thing it stands for"}},
      {"UnknownTag", kHead + "name: !secret x\n", {"5: the tag !secret has no meaning here"}},
      {"SecondDocument",
       kHead + "---\nversion: 1\n",
       {"5: a second YAML document; one file holds one configuration"}},
      {"KeyThatIsAList", kHead + "[a, b]: c\n", {"5: a key must be a word, not a list"}},
      {"BytesThatAreNoText",
       kHead + "name: \xff\n",
       {"5: this line is not UTF-8 text: save it as UTF-8"}},
      {"ControlCharacter",
       kHead + "name: a\x04\nnonsense: here\n",
       {"5: contains the control character 0x04"}},
  };
}

}  // namespace

const std::vector<ConfigMistake>& config_mistakes() {
  static const auto all = [] {
    std::vector<ConfigMistake> list;
    for (const auto& part :
         {document_mistakes(), stage_mistakes(), guard_mistakes(), option_mistakes()})
      list.insert(list.end(), part.begin(), part.end());
    return list;
  }();
  return all;
}

}  // namespace reelmill::test
