// BurstEstimate: how much a back end will send at once next, which mostly is an access unit. Pure.
//
// It is the second longest of the last sixteen bursts: one of them may be a key frame, which no
// room is kept for, and most may be of sound.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace rtspproxy::backend {

class BurstEstimate {
  public:
    // So many bytes came; `all`: nothing more was there. Costs a look at sixteen numbers a burst.
    void add(std::size_t bytes, bool all) {
        burst_ += bytes;
        if (!all)
            return;
        last_[next_++ % last_.size()] = std::exchange(burst_, 0);
        std::size_t longest = 0;
        expected_ = 0;
        for (const std::size_t burst : last_) {
            expected_ = std::max(expected_, std::min(burst, longest));
            longest = std::max(longest, burst);
        }
    }
    // In bytes; 0 while nothing is known.
    [[nodiscard]] std::size_t expected() const { return expected_; }

  private:
    std::array<std::size_t, 16> last_{};
    std::size_t next_ = 0;
    std::size_t burst_ = 0; // what came since there was nothing more
    std::size_t expected_ = 0;
};

} // namespace rtspproxy::backend
