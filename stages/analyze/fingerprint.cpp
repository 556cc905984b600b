// SPDX-License-Identifier: Apache-2.0
#include "stages/analyze/fingerprint.h"

#include <optional>

#include "fingerprint/bar_finder.h"
#include "fingerprint/fingerprint_file.h"
#include "fingerprint/slot_pictures.h"
#include "fingerprint/track_hasher.h"
#include "stages/analyze/sound_print.h"
#include "stages/api/frame_slots.h"
#include "stages/api/registry.h"

namespace reelmill {
namespace {

bool is_sparse(Duration every) {
  return to_seconds(every) > Fingerprint::kSlot_s;
}

// The frame that stands for each slot of `every`, as a moment.
Status add_sparse_frames(const Timeline& timeline, Duration every, SlotPictures& slots) {
  const FrameSlots sparse(to_seconds(every));
  std::optional<std::int64_t> open_slot;
  TimelineFrame standing;
  double standing_s = 0;
  const auto end_slot = [&] {
    if (open_slot) slots.add(standing_s, standing_s, standing.features.picture);
  };
  auto reader = timeline.read();
  while (const TimelineFrame* frame = reader.next()) {
    const auto slot = sparse.slot_of(reader.start_s());
    if (!slot) continue;
    const bool is_next = !open_slot || *slot > *open_slot;
    if (!is_next && (standing.is_key || !frame->is_key)) continue;
    if (is_next) end_slot();
    open_slot = slot;
    standing = *frame;
    standing_s = reader.start_s();
  }
  end_slot();
  return reader.status();
}

// Every frame and how long it is shown.
Status add_all_frames(const Timeline& timeline, SlotPictures& slots) {
  TimelineFrame shown;
  double since_s = -1;
  auto reader = timeline.read();
  while (const TimelineFrame* frame = reader.next()) {
    if (since_s >= 0) slots.add(since_s, reader.start_s(), shown.features.picture);
    since_s = reader.start_s();
    shown = *frame;
  }
  if (since_s >= 0) slots.add(since_s, timeline.end_s(), shown.features.picture);
  return reader.status();
}

Status add_frames(const Timeline& timeline, Duration every, SlotPictures& slots) {
  REELMILL_TRY(is_sparse(every) ? add_sparse_frames(timeline, every, slots)
                                : add_all_frames(timeline, slots));
  slots.finish();
  return {};
}

Status hash_into(std::vector<SlotHash>& hashes, PictureDetail& detail, PictureHasher hasher,
                 const Timeline& timeline, Duration every) {
  TrackHasher track(std::move(hasher));
  SlotPictures slots(
      [&](std::uint32_t slot, const SlotPictures::Picture& picture) { track.add(slot, picture); });
  REELMILL_TRY(add_frames(timeline, every, slots));
  hashes = track.take();
  detail = track.detail();
  return {};
}

}  // namespace

OptionTable<FingerprintOptions> fingerprint_options() {
  return OptionTable<FingerprintOptions>()
      .add("every", &FingerprintOptions::every,
           "time between two pictures; above 500ms, decoding may skip what lies between",
           Range{0.5, 600})
      .add("sound", &FingerprintOptions::sound, "whether to take the sound's Chromaprint too");
}

Result<Fingerprint> fingerprint_pictures(const Timeline& timeline, int rotation, Duration every) {
  Fingerprint fingerprint;
  fingerprint.duration_s = timeline.end_s();
  BarFinder bars;
  TrackHasher whole(PictureHasher({}, rotation));
  SlotPictures slots([&](std::uint32_t slot, const SlotPictures::Picture& picture) {
    bars.add(picture);
    whole.add(slot, picture);
  });
  REELMILL_TRY(add_frames(timeline, every, slots));
  fingerprint.whole = whole.take();
  fingerprint.whole_detail = whole.detail();
  if (const auto area = bars.area())
    REELMILL_TRY(hash_into(fingerprint.inside, fingerprint.inside_detail,
                           PictureHasher(*area, rotation), timeline, every));
  return fingerprint;
}

Result<Findings> FingerprintStage::process(const VideoRecord& video,
                                           ArtifactWriter& artifacts) const {
  Fingerprint fingerprint;
  if (video.timeline != nullptr) {
    REELMILL_ASSIGN(fingerprint,
                    fingerprint_pictures(*video.timeline, video.rotation, options_.every));
  }
  if (video.duration_s > 0) fingerprint.duration_s = video.duration_s;
  if (const auto* sound = dynamic_cast<const SoundPrint*>(video.audio_observer)) {
    fingerprint.sound_start_s = sound->start_s();
    fingerprint.sound = sound->items();
  }
  REELMILL_TRY(artifacts.write(kFingerprintFile, encode_fingerprint(fingerprint)));
  Findings findings;
  findings.set("fingerprint", Json{{"pictures", fingerprint.whole.size()},
                                   {"pictures_inside_bars", fingerprint.inside.size()},
                                   {"sound_items", fingerprint.sound.size()}});
  return findings;
}

namespace {

const RegisterStage registered{define_stage<FingerprintOptions>(
    {.name = "fingerprint",
     .version = 2,
     .summary = "Fingerprint: what 'reelmill duplicates' compares, of the pictures and the sound",
     .kind = StageKind::video},
    fingerprint_options(), [](const FingerprintOptions& options, const StageContext&) {
      StageParts parts;
      parts.needs.frames = is_sparse(options.every) ? DecoderNeeds::Frames::every_interval
                                                    : DecoderNeeds::Frames::all;
      if (is_sparse(options.every)) parts.needs.interval = options.every;
      parts.needs.audio = options.sound;
      if (options.sound) parts.make_audio_observer = [] { return std::make_unique<SoundPrint>(); };
      parts.video_stage = std::make_shared<FingerprintStage>(options);
      return parts;
    })};

}  // namespace
}  // namespace reelmill
