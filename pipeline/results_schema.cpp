// SPDX-License-Identifier: Apache-2.0
#include "pipeline/results_schema.h"

namespace reelmill {
namespace {

constexpr const char* kSchema = R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "What reelmill found in one video",
  "type": "object",
  "required": ["schema", "video", "status", "frames", "warnings"],
  "properties": {
    "schema": {"const": 1},
    "video": {
      "type": "object",
      "required": ["path", "bytes", "container", "duration_s", "streams"],
      "additionalProperties": false,
      "properties": {
        "path": {"type": "string", "description": "relative to the input; bytes that are not UTF-8 as \\xNN, a backslash as \\\\"},
        "bytes": {"type": "integer", "minimum": 0},
        "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "only where every byte was read or the configuration asks for it"},
        "container": {"type": "string", "description": "FFmpeg's name"},
        "duration_s": {"type": ["number", "null"], "minimum": 0, "description": "measured where all frames were decoded, else as the container claims"},
        "streams": {"type": "array", "items": {"$ref": "#/$defs/stream"}}
      }
    },
    "status": {"enum": ["done", "partial", "audio-only", "image-only"]},
    "frames": {
      "type": "object",
      "required": ["decoded", "corrupt"],
      "additionalProperties": false,
      "properties": {
        "decoded": {"type": "integer", "minimum": 0},
        "corrupt": {"type": "integer", "minimum": 0, "description": "of these, shown though damaged"},
        "held": {"type": "integer", "minimum": 1, "description": "not decoded, but taken to show what the frame before showed: only where every stage is content with that (shots with mode: fast)"}
      }
    },
    "shots": {
      "type": "array",
      "items": {
        "type": "object",
        "required": ["start_frame", "end_frame", "start_s", "end_s", "transition_in"],
        "properties": {
          "start_frame": {"type": "integer", "minimum": 0},
          "end_frame": {"type": "integer", "minimum": 0, "description": "the first frame after the shot"},
          "start_s": {"type": "number"},
          "end_s": {"type": "number"},
          "transition_in": {"enum": ["start", "cut", "fade", "dissolve", "wipe"]},
          "transition_start_frame": {"type": "integer", "minimum": 0, "description": "the first frame that shows the transition; absent for cuts"},
          "transition_end_frame": {"type": "integer", "minimum": 0, "description": "the first frame that shows the new shot alone"},
          "transition_start_s": {"type": "number"},
          "transition_end_s": {"type": "number"}
        }
      }
    },
    "black": {"$ref": "#/$defs/intervals"},
    "freeze": {"$ref": "#/$defs/intervals"},
    "silence": {"$ref": "#/$defs/intervals"},
    "loudness": {
      "type": ["object", "null"],
      "properties": {
        "integrated_lufs": {"type": ["number", "null"]},
        "range_lu": {"type": ["number", "null"]},
        "true_peak_dbtp": {"type": ["number", "null"]}
      }
    },
    "quality": {"type": ["object", "null"]},
    "infer": {
      "type": "object",
      "description": "what models said of frames, by the id of the stage",
      "additionalProperties": {
        "type": "object",
        "required": ["model", "frames"],
        "additionalProperties": false,
        "properties": {
          "model": {"type": "string"},
          "version": {"type": "string", "description": "where the configuration asks for one"},
          "frames": {"type": "array", "items": {"$ref": "#/$defs/inferred_frame"}}
        }
      }
    },
    "warnings": {
      "type": "array",
      "items": {
        "type": "object",
        "required": ["message"],
        "additionalProperties": false,
        "properties": {
          "message": {"type": "string"},
          "frame": {"type": "integer", "minimum": 0}
        }
      }
    }
  },
  "$defs": {
    "intervals": {
      "type": "array",
      "description": "seconds from the first video frame's pts (without video, the first sample)",
      "items": {
        "type": "object",
        "required": ["start_s", "end_s"],
        "properties": {"start_s": {"type": "number"}, "end_s": {"type": "number"}}
      }
    },
    "inferred_frame": {
      "type": "object",
      "required": ["time_s"],
      "additionalProperties": false,
      "properties": {
        "frame": {"type": "integer", "minimum": 0, "description": "its number in the video; absent where not all frames were decoded"},
        "time_s": {"type": "number", "description": "seconds from the first video frame's pts"},
        "outputs": {"type": "object", "description": "by the name of the tensor: its values, nested as its shape without the batch's dimension"},
        "error": {"type": "string", "description": "why there are no outputs"}
      }
    },
    "stream": {
      "type": "object",
      "required": ["index", "kind", "codec", "is_default", "language", "duration_s"],
      "additionalProperties": false,
      "properties": {
        "index": {"type": "integer", "minimum": 0},
        "kind": {"enum": ["video", "audio", "subtitle", "data", "attachment"]},
        "codec": {"type": "string", "description": "FFmpeg's name"},
        "is_default": {"type": "boolean"},
        "language": {"type": ["string", "null"], "description": "ISO 639-2"},
        "duration_s": {"type": ["number", "null"], "description": "as the container claims"},
        "width": {"type": "integer", "description": "pixels as coded, before rotation"},
        "height": {"type": "integer", "description": "pixels as coded, before rotation"},
        "pixel_format": {"type": "string"},
        "rotation": {"enum": [0, 90, 180, 270], "description": "degrees clockwise to show upright"},
        "frame_rate": {"type": ["number", "null"], "description": "average, as the container claims; where that is within 1 % of the stream's own NTSC rate, that rate"},
        "is_attached_picture": {"type": "boolean"},
        "sample_rate": {"type": "integer"},
        "channels": {"type": "integer"}
      }
    }
  }
})json";

}  // namespace

nlohmann::ordered_json results_schema() {
  return nlohmann::ordered_json::parse(kSchema);
}

}  // namespace reelmill
