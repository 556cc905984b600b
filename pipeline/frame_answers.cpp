// SPDX-License-Identifier: Apache-2.0
#include "pipeline/frame_answers.h"

#include <algorithm>
#include <utility>

namespace reelmill {

std::size_t FrameAnswers::expect(std::size_t model, FrameAnswer frame) {
  const std::lock_guard lock(mutex_);
  ++missing_;
  answers_[model].push_back(std::move(frame));
  return answers_[model].size() - 1;
}

void FrameAnswers::bring(std::size_t model, std::size_t number, FrameOutput output) {
  std::unique_lock lock(mutex_);
  auto& answer = answers_[model][number];
  answer.state = FrameAnswer::State::answered;
  answer.output = std::move(output);
  settled(std::move(lock));
}

void FrameAnswers::bring(std::size_t model, std::size_t number, FrameAnswer::State state,
                         std::string reason) {
  std::unique_lock lock(mutex_);
  auto& answer = answers_[model][number];
  answer.state = state;
  answer.reason = std::move(reason);
  settled(std::move(lock));
}

void FrameAnswers::settled(std::unique_lock<std::mutex> lock) {
  if (--missing_ > 0) return;
  const auto then = std::exchange(then_, nullptr);
  lock.unlock();
  if (then) then();
}

bool FrameAnswers::close(std::function<void()> then) {
  const std::lock_guard lock(mutex_);
  if (missing_ == 0) return true;
  then_ = std::move(then);
  return false;
}

void FrameAnswers::abandon() {
  std::function<void()> dropped;  // destroyed without the lock
  const std::lock_guard lock(mutex_);
  is_abandoned_ = true;
  dropped.swap(then_);
}

bool FrameAnswers::is_abandoned() const {
  const std::lock_guard lock(mutex_);
  return is_abandoned_;
}

bool FrameAnswers::is_cancelled() const {
  const std::lock_guard lock(mutex_);
  return std::any_of(answers_.begin(), answers_.end(), [](const auto& of_model) {
    return std::any_of(of_model.begin(), of_model.end(), [](const FrameAnswer& answer) {
      return answer.state == FrameAnswer::State::cancelled;
    });
  });
}

}  // namespace reelmill
