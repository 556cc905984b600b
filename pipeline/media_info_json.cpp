// SPDX-License-Identifier: Apache-2.0
#include "pipeline/media_info_json.h"

namespace reelmill {
namespace {

/// One list of members for both directions: a field that is forgotten is forgotten in both, and
/// the test that compares them with a probed file sees it.
template <class Stream, class Visit>
void visit_stream(Stream& stream, Visit&& visit) {
  visit("index", stream.index);
  visit("codec", stream.codec);
  visit("is_decodable", stream.is_decodable);
  visit("is_attached_picture", stream.is_attached_picture);
  visit("is_default", stream.is_default);
  visit("language", stream.language);
  visit("time_base_num", stream.time_base.num);
  visit("time_base_den", stream.time_base.den);
  visit("duration_s", stream.duration_s);
  visit("start_pts", stream.start_pts);
  visit("width", stream.width);
  visit("height", stream.height);
  visit("pixel_format", stream.pixel_format);
  visit("rotation", stream.rotation);
  visit("frame_rate_num", stream.frame_rate.num);
  visit("frame_rate_den", stream.frame_rate.den);
  visit("frame_count", stream.frame_count);
  visit("sample_rate", stream.sample_rate);
  visit("channels", stream.channels);
}

template <class Info, class Visit>
void visit_info(Info& info, Visit&& visit) {
  visit("container", info.container);
  visit("duration_s", info.duration_s);
  visit("bit_rate", info.bit_rate);
  visit("is_still_image", info.is_still_image);
  visit("messages", info.messages);
}

struct Writer {
  Json& json;
  template <class T>
  void operator()(const char* name, const T& value) const {
    json[name] = value;
  }
  template <class T>
  void operator()(const char* name, const std::optional<T>& value) const {
    json[name] = value ? Json(*value) : Json();
  }
};

struct Reader {
  const Json& json;
  template <class T>
  void operator()(const char* name, T& value) const {
    json.at(name).get_to(value);
  }
  template <class T>
  void operator()(const char* name, std::optional<T>& value) const {
    const auto& given = json.at(name);
    if (!given.is_null()) value = given.get<T>();
  }
};

}  // namespace

Json to_json(const MediaInfo& info) {
  Json json;
  visit_info(info, Writer{json});
  Json streams = Json::array();
  for (const auto& stream : info.streams) {
    Json one;
    one["kind"] = static_cast<int>(stream.kind);
    visit_stream(stream, Writer{one});
    streams.push_back(std::move(one));
  }
  json["streams"] = std::move(streams);
  return json;
}

MediaInfo media_info_from_json(const Json& json) {
  MediaInfo info;
  visit_info(info, Reader{json});
  for (const auto& one : json.at("streams")) {
    StreamInfo stream;
    stream.kind = static_cast<StreamKind>(one.at("kind").get<int>());
    visit_stream(stream, Reader{one});
    info.streams.push_back(std::move(stream));
  }
  return info;
}

}  // namespace reelmill
