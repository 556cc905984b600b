// SPDX-License-Identifier: Apache-2.0
#include "pipeline/config_sections.h"

namespace reelmill {
namespace {

using namespace std::chrono_literals;

constexpr double kYear = 365.0 * 24 * 3600;
constexpr Range kDelay{0, kYear};  // seconds
constexpr Range kCount{0, 1e6};
constexpr Range kPositive{1, 1e6};
constexpr Range kCost{0, 1e12};

/// Reports what validate() in resilience/ found, each at the line of the option it names.
void report(const std::vector<std::string>& found, const ConfigNode& node,
            const ProblemSink& sink) {
  for (const auto& text : found) {
    const auto colon = text.find(": ");
    const auto option = text.substr(0, colon);
    const auto* written = node.find(option);
    sink.at(option).add(written != nullptr ? written->line : node.line,
                        colon == std::string::npos ? text : text.substr(colon + 2));
  }
}

template <class Options>
std::optional<Options> read_part(const ConfigNode& guard, const ProblemSink& sink, const char* key,
                                 const OptionTable<Options>& table) {
  const auto* node = guard.find(key);
  if (node == nullptr) return std::nullopt;
  const auto inner = sink.at(key);
  const auto problems = sink.count();
  auto options = table.parse(*node, inner);
  if (sink.count() == problems) report(validate(options), *node, inner);
  return options;
}

void read_timeouts(const ConfigNode& guard, const ProblemSink& sink, GuardOptions& options) {
  const auto* node = guard.find("timeout");
  if (node == nullptr) return;
  const auto inner = sink.at("timeout");
  const auto timeouts = timeout_options().parse(*node, inner);
  options.attempt_timeout = timeouts.attempt_timeout;
  options.total_timeout = timeouts.total_timeout;
  if (options.total_timeout > 0s && options.attempt_timeout > options.total_timeout)
    inner.add(node->line, fmt::format("attempt: {} is longer than total: {}",
                                      format_duration(options.attempt_timeout),
                                      format_duration(options.total_timeout)));
}

}  // namespace

const OptionTable<PipelineSpec>& input_options() {
  static const auto table =
      OptionTable<PipelineSpec>()
          .add("include", &PipelineSpec::include,
               "patterns of the files to take, relative to the input folder; empty = every file "
               "that is named like a video")
          .add("exclude", &PipelineSpec::exclude, "patterns of the files to leave out")
          .check([](const PipelineSpec& spec, int line, const ProblemSink& sink) {
            for (const auto* list : {&spec.include, &spec.exclude})
              if (std::find(list->begin(), list->end(), "") != list->end())
                sink.at(list == &spec.include ? "include" : "exclude")
                    .add(line, "an empty pattern matches nothing");
          });
  return table;
}

const OptionTable<LimitSpec>& limit_options() {
  static const auto table =
      OptionTable<LimitSpec>()
          .add("max_videos_in_flight", &LimitSpec::max_videos_in_flight,
               "videos under way at the same time; 0 = 4 × workers + 4", Range{0, 100000})
          .add("max_bytes_in_flight", &LimitSpec::max_bytes_in_flight,
               "size of all input files under way at the same time; one video is always admitted",
               Range{1, 0x1p60})
          .add(
              "segment_length", &LimitSpec::segment_length,
              "a video longer than 1.5 of it may be cut so that several workers scan it; 0 = never",
              Range{0, 86400})
          .add("max_frame_memory", &LimitSpec::max_frame_memory,
               "memory of frames on their way to one model; beyond it they wait on disk, in the "
               "output folder",
               Range{1, 0x1p60})
          .add("drain_timeout", &LimitSpec::drain_timeout,
               "wait so long for a service that takes nothing before what waits for it is left "
               "pending, for the next run; uploads wait so long after analysis",
               Range{0, 7 * 86400});
  return table;
}

const OptionTable<WatchdogSpec>& watchdog_options() {
  static const auto table =
      OptionTable<WatchdogSpec>().add("stall_timeout", &WatchdogSpec::stall_timeout,
                                      "a video without a new packet, frame or byte for so long is "
                                      "given up",
                                      Range{0.1, 86400});
  return table;
}

OptionTable<BatchOptions> batch_options(const BatchOptions& defaults) {
  return OptionTable<BatchOptions>(defaults)
      .add_choice(
          "strategy", &BatchOptions::strategy,
          "how the size of a batch is found: fixed, learned from what batches cost (adaptive), "
          "by max_wait alone (time_based), from the arrivals (load_based), or from cost and "
          "arrivals (hybrid)",
          Choices<BatchStrategy>{{"fixed", BatchStrategy::fixed},
                                 {"adaptive", BatchStrategy::adaptive},
                                 {"time_based", BatchStrategy::time_based},
                                 {"load_based", BatchStrategy::load_based},
                                 {"hybrid", BatchStrategy::hybrid}})
      .add("initial_batch_size", &BatchOptions::initial_batch_size,
           "items in a batch at the start; with strategy fixed the size, always", kPositive)
      .add("min_batch_size", &BatchOptions::min_batch_size, "items in the smallest batch",
           kPositive)
      .add("max_batch_size", &BatchOptions::max_batch_size, "items in the largest batch", kPositive)
      .add("target_processing_time", &BatchOptions::target_processing_time,
           "upper bound on the time a service takes for one batch", Range{1e-9, kYear})
      .add("adaptation_factor", &BatchOptions::adaptation_factor,
           "step of the fallback controller, as a share", Range{0.001, 1})
      .add("max_wait", &BatchOptions::max_wait, "the oldest item waits no longer than this", kDelay)
      .add("max_bytes", &BatchOptions::max_bytes, "size of one batch", Range{1, 0x1p60})
      .add("max_in_flight", &BatchOptions::max_in_flight, "batches in service at once",
           Range{1, 10000});
}

const OptionTable<RetryOptions>& retry_options() {
  static const auto table =
      OptionTable<RetryOptions>()
          .add_choice(
              "strategy", &RetryOptions::strategy,
              "how the delay grows; adaptive learns which of the others pays",
              Choices<RetryStrategy>{{"fixed", RetryStrategy::fixed},
                                     {"linear", RetryStrategy::linear},
                                     {"exponential", RetryStrategy::exponential},
                                     {"full_jitter", RetryStrategy::full_jitter},
                                     {"decorrelated_jitter", RetryStrategy::decorrelated_jitter},
                                     {"adaptive", RetryStrategy::adaptive}})
          .add("max_attempts", &RetryOptions::max_attempts,
               "attempts in all, the first included; 1 = never retry", kPositive)
          .add("base_delay", &RetryOptions::base_delay, "delay after the first failure", kDelay)
          .add("max_delay", &RetryOptions::max_delay, "the longest delay", kDelay)
          .add("backoff_multiplier", &RetryOptions::backoff_multiplier,
               "each further delay is longer by this factor", Range{1, 1000})
          .add("jitter", &RetryOptions::jitter,
               "share by which fixed, linear and exponential delays are spread", Range{0, 1})
          .add("max_retry_after", &RetryOptions::max_retry_after,
               "when a service asks for a longer wait, give up at once", kDelay);
  return table;
}

const OptionTable<RetryBudgetOptions>& budget_options() {
  static const auto table =
      OptionTable<RetryBudgetOptions>()
          .add("capacity", &RetryBudgetOptions::capacity, "tokens at the start and at most", kCost)
          .add("retry_cost", &RetryBudgetOptions::retry_cost, "tokens one retry takes", kCost)
          .add("throttle_cost", &RetryBudgetOptions::throttle_cost,
               "tokens one retry takes after the service asked us to slow down", kCost)
          .add("deposit", &RetryBudgetOptions::deposit,
               "tokens gained by a success at the first attempt", kCost);
  return table;
}

const OptionTable<CircuitBreakerOptions>& breaker_options() {
  using Options = CircuitBreakerOptions;
  static const auto table =
      OptionTable<Options>(Options{.ramp_step = 2s})
          .add("failure_threshold", &Options::failure_threshold,
               "failures in a row that open the breaker; 0 = off", kCount)
          .add("success_threshold", &Options::success_threshold,
               "successful probes that close it again", kPositive)
          .add("timeout", &Options::timeout, "length of the first break", kDelay)
          .add("failure_rate_threshold", &Options::failure_rate_threshold,
               "share of failures in the window that opens it; above 1 = off", Range{1e-9, 1e9})
          .add("window_calls", &Options::window_calls, "calls in the window; 0 = use window_time",
               kCount)
          .add("window_time", &Options::window_time, "length of the window in time", kDelay)
          .add("window_buckets", &Options::window_buckets, "parts of a window in time",
               Range{1, 10000})
          .add("minimum_calls", &Options::minimum_calls, "no rate is judged on fewer calls",
               kPositive)
          .add("slow_call_duration", &Options::slow_call_duration,
               "a call that takes longer is slow; 0 = off", kDelay)
          .add("slow_call_rate_threshold", &Options::slow_call_rate_threshold,
               "share of slow calls in the window that opens it; above 1 = off", Range{1e-9, 1e9})
          .add("permitted_probes", &Options::permitted_probes,
               "calls let through to try a broken service; 0 = success_threshold", kCount)
          .add("probe_timeout", &Options::probe_timeout,
               "an unanswered probe counts as failed after this; 0 = timeout", kDelay)
          .add("timeout_multiplier", &Options::timeout_multiplier,
               "each further break is longer by this factor", Range{1, 1000})
          .add("max_timeout", &Options::max_timeout, "the longest break", kDelay)
          .add("timeout_jitter", &Options::timeout_jitter, "share by which a break is spread",
               Range{0, 0.999999})
          .add("ramp_step", &Options::ramp_step,
               "after closing, the share of calls let through doubles every step; 0 = off", kDelay)
          .add("ramp_start", &Options::ramp_start, "share of calls let through right after closing",
               Range{0.001, 1})
          .add("adaptive", &Options::adaptive,
               "judge failures against what is usual for the service")
          .add("false_trip_calls", &Options::false_trip_calls,
               "the adaptive test opens falsely about once in so many calls", Range{10, 1e300})
          .add("learn_calls", &Options::learn_calls, "calls that teach what is usual",
               Range{1, 1e9});
  return table;
}

const OptionTable<RateLimiterOptions>& rate_options() {
  static const auto table =
      OptionTable<RateLimiterOptions>()
          .add("per_second", &RateLimiterOptions::per_second,
               "calls a second; with adaptive the ceiling", Range{1e-6, 1e9})
          .add("burst", &RateLimiterOptions::burst, "calls that may be saved up", Range{1e-6, 1e9})
          .add("adaptive", &RateLimiterOptions::adaptive,
               "slow down when the service asks for it, recover afterwards");
  return table;
}

const OptionTable<ConcurrencyLimitOptions>& concurrency_options() {
  static const auto table =
      OptionTable<ConcurrencyLimitOptions>()
          .add("initial", &ConcurrencyLimitOptions::initial, "calls at the same time at the start",
               kPositive)
          .add("min", &ConcurrencyLimitOptions::min, "never fewer than this", kPositive)
          .add("max", &ConcurrencyLimitOptions::max, "never more than this", kPositive)
          .add("adaptive", &ConcurrencyLimitOptions::adaptive,
               "follow the service's latency between min and max");
  return table;
}

const OptionTable<HedgeOptions>& hedge_options() {
  static const auto table =
      OptionTable<HedgeOptions>()
          .add("percentile", &HedgeOptions::percentile,
               "of the latency of successes, after which a second call starts", Range{0.5, 0.999})
          .add("minimum_samples", &HedgeOptions::minimum_samples,
               "successes seen before any call is hedged", kPositive)
          .add("minimum_delay", &HedgeOptions::minimum_delay, "never hedge earlier than this",
               kDelay);
  return table;
}

const OptionTable<GuardOptions>& timeout_options() {
  static const auto table =
      OptionTable<GuardOptions>()
          .add("attempt", &GuardOptions::attempt_timeout, "for one attempt; 0 = none", kDelay)
          .add("total", &GuardOptions::total_timeout,
               "for all attempts and the waits between them; 0 = none", kDelay);
  return table;
}

const OptionSpec& lanes_option() {
  static const OptionSpec spec{.name = "lanes",
                               .type = "integer",
                               .default_text = std::to_string(StageSpec{}.lanes),
                               .summary = "threads that make this stage's calls",
                               .min = 1,
                               .max = 256};
  return spec;
}

GuardOptions read_guard(const ConfigNode& node, const ProblemSink& sink) {
  if (node.kind == ConfigNode::Kind::null ||
      (node.kind == ConfigNode::Kind::map && node.entries.empty()))
    return unattended_guard_options();
  GuardOptions options;
  if (!check_keys(node, {"retry", "breaker", "rate", "concurrency", "budget", "timeout", "hedge"},
                  sink))
    return options;
  options.retry = read_part(node, sink, "retry", retry_options());
  options.breaker = read_part(node, sink, "breaker", breaker_options());
  options.rate = read_part(node, sink, "rate", rate_options());
  options.concurrency = read_part(node, sink, "concurrency", concurrency_options());
  options.hedge = read_part(node, sink, "hedge", hedge_options());
  options.budget = read_part(node, sink, "budget", budget_options()).value_or(options.budget);
  read_timeouts(node, sink, options);
  return options;
}

BatchOptions read_batch(const ConfigNode& node, const BatchOptions& defaults,
                        const ProblemSink& sink) {
  const auto problems = sink.count();
  auto options = batch_options(defaults).parse(node, sink);
  // What nobody wrote follows what somebody wrote.
  if (node.find("initial_batch_size") == nullptr &&
      options.min_batch_size <= options.max_batch_size)
    options.initial_batch_size =
        std::clamp(options.initial_batch_size, options.min_batch_size, options.max_batch_size);
  if (sink.count() == problems) report(validate(options), node, sink);
  return options;
}

bool is_id(std::string_view text) {
  const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !text.empty() && text.size() <= 64 && is_plain(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_plain(c) || c == '_' || c == '-'; });
}

}  // namespace reelmill
