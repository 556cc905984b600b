// SPDX-License-Identifier: Apache-2.0
#include "pipeline/report_schema.h"

namespace reelmill {
namespace {

constexpr const char* kSchema = R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "How a run of reelmill went",
  "type": "object",
  "required": ["schema", "run", "videos", "throughput", "speed_of_light", "stages", "bottleneck",
               "guards", "batching", "samples", "failures", "uploads"],
  "additionalProperties": false,
  "properties": {
    "schema": {"const": 1},
    "run": {
      "type": "object",
      "required": ["id", "started", "finished", "wall_s", "host"],
      "additionalProperties": false,
      "properties": {
        "id": {"type": "string"},
        "started": {"type": "string", "description": "UTC, ISO 8601"},
        "finished": {"type": "string", "description": "UTC, ISO 8601"},
        "wall_s": {"type": "number", "minimum": 0},
        "host": {
          "type": "object",
          "required": ["cpu", "cores"],
          "properties": {"cpu": {"type": "string"}, "cores": {"type": "integer"}}
        },
        "workers": {"type": "integer"},
        "config": {"type": "string", "description": "name in the YAML"},
        "output": {"type": "string", "description": "the output folder"},
        "outcome": {"type": "string", "description": "how the run ended, in words"}
      }
    },
    "videos": {
      "type": "object",
      "required": ["found", "done", "skipped", "quarantined"],
      "additionalProperties": false,
      "properties": {
        "found": {"$ref": "#/$defs/count"},
        "done": {"$ref": "#/$defs/count", "description": "in this run"},
        "skipped": {"$ref": "#/$defs/count", "description": "done by an earlier run"},
        "quarantined": {"$ref": "#/$defs/count"},
        "partial": {"$ref": "#/$defs/count", "description": "of those done, decoded in part"},
        "reanalyzed": {"$ref": "#/$defs/count",
                       "description": "of those done, put together from their timelines: no picture was decoded"},
        "pending": {"$ref": "#/$defs/count", "description": "waiting for a service: uploads or model answers"},
        "unfinished": {"$ref": "#/$defs/count", "description": "left for the next run"}
      }
    },
    "throughput": {
      "type": "object",
      "required": ["videos_per_hour", "frames_per_second", "times_realtime", "bytes_per_second"],
      "additionalProperties": false,
      "properties": {
        "videos_per_hour": {"$ref": "#/$defs/figure"},
        "frames_per_second": {"$ref": "#/$defs/figure"},
        "times_realtime": {"$ref": "#/$defs/figure"},
        "bytes_per_second": {"$ref": "#/$defs/figure"},
        "frames": {"$ref": "#/$defs/count"},
        "media_s": {"$ref": "#/$defs/figure", "description": "seconds of video"},
        "bytes": {"$ref": "#/$defs/count"}
      }
    },
    "prediction": {
      "type": "object",
      "description": "how well the times held that `plan` says, over the videos that were decoded",
      "required": ["videos", "predicted_s", "took_s", "median_error", "scaled_error"],
      "additionalProperties": false,
      "properties": {
        "videos": {"$ref": "#/$defs/count"},
        "predicted_s": {"$ref": "#/$defs/figure", "description": "seconds of one worker, all together"},
        "took_s": {"$ref": "#/$defs/figure"},
        "median_error": {"type": ["number", "null"], "description": "of a video, as a share of what it took"},
        "scaled_error": {"type": ["number", "null"], "description": "the same with all predictions multiplied so that as many are too high as too low"}
      }
    },
    "speed_of_light": {
      "type": "object",
      "required": ["decode_cpu_s", "cores", "ratio"],
      "additionalProperties": false,
      "properties": {
        "decode_cpu_s": {"$ref": "#/$defs/figure", "description": "CPU seconds inside libavcodec, each kept frame counted once"},
        "cores": {"type": "integer", "description": "the fewer of workers and usable cores"},
        "ratio": {"type": ["number", "null"], "description": "decode_cpu_s / (cores × wall_s); null where not every frame was wanted"},
        "decode_waste_cpu_s": {"$ref": "#/$defs/figure", "description": "spent on frames decoded again"},
        "process_cpu_s": {"$ref": "#/$defs/figure"}
      }
    },
    "stages": {
      "type": "array",
      "items": {
        "type": "object",
        "required": ["id", "use", "in", "out", "failed", "busy_s", "waiting_s", "p50_ms", "p95_ms"],
        "additionalProperties": false,
        "properties": {
          "id": {"type": "string"},
          "use": {"type": "string"},
          "in": {"$ref": "#/$defs/count"},
          "out": {"$ref": "#/$defs/count"},
          "failed": {"$ref": "#/$defs/count"},
          "busy_s": {"$ref": "#/$defs/figure", "description": "summed over threads"},
          "waiting_s": {"$ref": "#/$defs/figure", "description": "summed over items"},
          "p50_ms": {"$ref": "#/$defs/figure"},
          "p95_ms": {"$ref": "#/$defs/figure"},
          "lanes": {"type": "integer", "description": "threads of its own; 0: it works on the cores"}
        }
      }
    },
    "bottleneck": {
      "type": "object",
      "required": ["stage", "share", "because"],
      "additionalProperties": false,
      "properties": {
        "stage": {"type": "string", "description": "id; empty: nothing was to do"},
        "share": {"type": "number", "minimum": 0, "maximum": 1},
        "because": {"type": "string"}
      }
    },
    "guards": {
      "type": "array",
      "items": {
        "type": "object",
        "required": ["name", "state", "calls", "successes", "failures", "refused", "retries",
                     "openings", "paused_s", "budget", "events"],
        "additionalProperties": false,
        "properties": {
          "name": {"type": "string"},
          "state": {"enum": ["closed", "open", "half_open", "needs_operator"]},
          "message": {"type": "string", "description": "for the operator: what the service refuses"},
          "calls": {"$ref": "#/$defs/count", "description": "attempts that were made"},
          "successes": {"$ref": "#/$defs/count"},
          "failures": {"$ref": "#/$defs/count"},
          "refused": {"$ref": "#/$defs/count", "description": "attempts the guard did not let through"},
          "retries": {"$ref": "#/$defs/count"},
          "openings": {"$ref": "#/$defs/count", "description": "of the breaker"},
          "paused_s": {"$ref": "#/$defs/figure", "description": "time the breaker was open or an operator was needed"},
          "retry_delay_s": {"$ref": "#/$defs/figure", "description": "sum of the delays before retries"},
          "deferrals": {"$ref": "#/$defs/count", "description": "refusals of our own that cost no attempt"},
          "hedges": {"$ref": "#/$defs/count", "description": "second calls made beside slow ones"},
          "hedge_wins": {"$ref": "#/$defs/count"},
          "failures_by_kind": {"$ref": "#/$defs/counts", "description": "failed attempts of items"},
          "retries_by_kind": {"$ref": "#/$defs/counts"},
          "refused_by": {"$ref": "#/$defs/counts", "description": "operator_hold, breaker, rate, concurrency"},
          "give_ups": {"$ref": "#/$defs/counts", "description": "why items were not tried again at once"},
          "successes_after": {"type": "array", "items": {"$ref": "#/$defs/count"}, "description": "how many items took 1, 2, 3, ... attempts; the last one counts all longer ones"},
          "budget": {
            "type": "object",
            "required": ["capacity", "left", "spent", "refunded", "refused"],
            "additionalProperties": false,
            "description": "the quota of retries, in tokens",
            "properties": {
              "capacity": {"$ref": "#/$defs/figure"},
              "left": {"$ref": "#/$defs/figure"},
              "spent": {"$ref": "#/$defs/figure"},
              "refunded": {"$ref": "#/$defs/figure", "description": "for retries that succeeded"},
              "refused": {"$ref": "#/$defs/count", "description": "retries there were no tokens for"}
            }
          },
          "breaker": {
            "type": "object",
            "required": ["state", "mode", "failure_rate", "slow_call_rate", "retry_after_s",
                         "successes", "failures", "slow", "ignored", "refused", "stale", "trips"],
            "additionalProperties": false,
            "properties": {
              "state": {"enum": ["closed", "open", "half_open"]},
              "mode": {"enum": ["automatic", "forced_open", "disabled", "metrics_only"]},
              "failure_rate": {"$ref": "#/$defs/figure", "description": "of the window at the end"},
              "slow_call_rate": {"$ref": "#/$defs/figure", "description": "of the window at the end"},
              "retry_after_s": {"$ref": "#/$defs/figure", "description": "what was left of the break"},
              "successes": {"$ref": "#/$defs/count"},
              "failures": {"$ref": "#/$defs/count"},
              "slow": {"$ref": "#/$defs/count"},
              "ignored": {"$ref": "#/$defs/count", "description": "calls that say nothing about the service"},
              "refused": {"$ref": "#/$defs/count"},
              "stale": {"$ref": "#/$defs/count", "description": "results from before the last change of state"},
              "trips": {"$ref": "#/$defs/count"}
            }
          },
          "rate": {
            "type": "object",
            "required": ["per_second", "refused"],
            "additionalProperties": false,
            "properties": {
              "per_second": {"$ref": "#/$defs/figure", "description": "allowed at the end"},
              "refused": {"$ref": "#/$defs/count"}
            }
          },
          "concurrency": {
            "type": "object",
            "required": ["limit", "in_flight", "refused"],
            "additionalProperties": false,
            "properties": {
              "limit": {"$ref": "#/$defs/count", "description": "calls at the same time, at the end"},
              "in_flight": {"$ref": "#/$defs/count"},
              "refused": {"$ref": "#/$defs/count"}
            }
          },
          "history": {
            "type": "array",
            "description": "the last hour's minutes that saw failures",
            "items": {
              "type": "object",
              "required": ["at_s", "failures"],
              "additionalProperties": false,
              "properties": {
                "at_s": {"$ref": "#/$defs/figure", "description": "since the run began"},
                "failures": {"$ref": "#/$defs/counts"}
              }
            }
          },
          "events": {"type": "array", "items": {"type": "string"}, "description": "changes of state, the first 100"}
        }
      }
    },
    "batching": {
      "type": "array",
      "items": {
        "type": "object",
        "required": ["stage", "strategy", "batches", "items", "mean_size", "reasons"],
        "additionalProperties": false,
        "properties": {
          "stage": {"type": "string"},
          "strategy": {"type": "string"},
          "batches": {"$ref": "#/$defs/count"},
          "items": {"$ref": "#/$defs/count"},
          "mean_size": {"$ref": "#/$defs/figure"},
          "reasons": {"type": "object", "additionalProperties": {"$ref": "#/$defs/count"}, "description": "batches by why they left"},
          "target": {"$ref": "#/$defs/count", "description": "items wanted in a batch at the end"},
          "cost": {
            "type": ["object", "null"],
            "description": "a batch of n items takes b + a n; null: too few sizes were seen",
            "required": ["a_ms", "b_ms", "error"],
            "additionalProperties": false,
            "properties": {
              "a_ms": {"$ref": "#/$defs/figure"},
              "b_ms": {"$ref": "#/$defs/figure"},
              "error": {"$ref": "#/$defs/figure", "description": "median relative distance from the line"}
            }
          },
          "efficiency": {
            "type": ["object", "null"],
            "description": "score: share of the service time that the best permitted size would have needed; the product of the others",
            "required": ["score", "amortisation", "fill", "success", "speed"],
            "additionalProperties": false,
            "properties": {
              "score": {"$ref": "#/$defs/figure"},
              "amortisation": {"$ref": "#/$defs/figure"},
              "fill": {"$ref": "#/$defs/figure"},
              "success": {"$ref": "#/$defs/figure"},
              "speed": {"$ref": "#/$defs/figure"}
            }
          },
          "bound": {"type": "string", "description": "what keeps batches from being larger: an option, or cost: nothing but their cost"},
          "headroom": {"$ref": "#/$defs/figure", "description": "share of the service time that twice the bound would save"},
          "over_target": {"$ref": "#/$defs/count", "description": "batches that took longer than target_processing_time"},
          "regime_changes": {"$ref": "#/$defs/count", "description": "times the service changed its speed"},
          "warnings": {"type": "array", "items": {"type": "string"}},
          "sizes": {
            "type": "array",
            "description": "over the run, at most 60",
            "items": {
              "type": "object",
              "required": ["at_s", "size", "target", "took_ms", "reason"],
              "additionalProperties": false,
              "properties": {
                "at_s": {"$ref": "#/$defs/figure"},
                "size": {"$ref": "#/$defs/count"},
                "target": {"$ref": "#/$defs/count"},
                "took_ms": {"$ref": "#/$defs/figure"},
                "reason": {"type": "string"}
              }
            }
          }
        }
      }
    },
    "frame_memory": {
      "type": "array",
      "description": "where frames waited that were on their way to a model: the most at any time",
      "items": {
        "type": "object",
        "required": ["stage", "limit_bytes", "memory_bytes", "disk_bytes"],
        "additionalProperties": false,
        "properties": {
          "stage": {"type": "string"},
          "limit_bytes": {"$ref": "#/$defs/count"},
          "memory_bytes": {"$ref": "#/$defs/count"},
          "disk_bytes": {"$ref": "#/$defs/count"}
        }
      }
    },
    "samples": {
      "type": "array",
      "items": {
        "type": "object",
        "required": ["at_s", "videos_done", "frames", "uploads_pending", "resident_bytes"],
        "additionalProperties": false,
        "properties": {
          "at_s": {"$ref": "#/$defs/figure"},
          "videos_done": {"$ref": "#/$defs/count"},
          "frames": {"$ref": "#/$defs/count"},
          "uploads_pending": {"$ref": "#/$defs/count"},
          "resident_bytes": {"$ref": "#/$defs/count"}
        }
      }
    },
    "failures": {
      "type": "array",
      "items": {
        "type": "object",
        "required": ["video", "stage", "class", "message"],
        "additionalProperties": false,
        "properties": {
          "video": {"type": "string"},
          "stage": {"type": "string"},
          "class": {"type": "string"},
          "message": {"type": "string"}
        }
      }
    },
    "uploads": {
      "type": "object",
      "required": ["objects", "bytes", "pending"],
      "additionalProperties": false,
      "properties": {
        "objects": {"$ref": "#/$defs/count"},
        "bytes": {"$ref": "#/$defs/count"},
        "pending": {"$ref": "#/$defs/count"},
        "message": {"type": "string"}
      }
    },
    "peak_resident_bytes": {"$ref": "#/$defs/count"},
    "notes": {"type": "array", "items": {"type": "string"}}
  },
  "$defs": {
    "count": {"type": "integer", "minimum": 0},
    "counts": {"type": "object", "additionalProperties": {"$ref": "#/$defs/count"}},
    "figure": {"type": ["number", "null"]}
  }
})json";

}  // namespace

nlohmann::ordered_json report_schema() {
  return nlohmann::ordered_json::parse(kSchema);
}

}  // namespace reelmill
