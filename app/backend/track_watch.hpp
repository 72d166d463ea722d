// TrackWatch: whether one track of a back end has fallen silent while others go on. A track that
// never sends, or only now and then, is none that can: only one that kept sending for a while is
// missed. Pure; looked at now and then, in one thread; times of one clock.
#pragma once

#include "app/backend/supervisor.hpp"

#include <cstdint>
#include <optional>
#include <utility>

namespace rtspproxy::backend {

class TrackWatch {
  public:
    static constexpr Time kSteady{10'000}; // so long a track must have kept sending to be missed
    static constexpr Time kRecent{2'000};  // it keeps sending if its newest packet is no older

    enum class News { None, Silent, Back };

    // `silence`: what is too long. `newest`: when a packet of any track came last.
    [[nodiscard]] News look(Time now, std::optional<Time> last, Time newest, Time silence) {
        if (!last)
            return News::None;
        if (now - *last < kRecent) {
            if (!steady_from_)
                steady_from_ = now;
            steady_to_ = now;
            return std::exchange(silent_, false) && said_ ? News::Back : News::None;
        }
        if (!silent_ && (!steady_from_ || steady_to_ - *steady_from_ < kSteady)) {
            steady_from_.reset();
            return News::None;
        }
        if (silent_ || now - *last < silence || now - newest >= kRecent)
            return News::None;
        silent_ = true;
        ++silences_;
        return std::exchange(said_, true) ? News::None : News::Silent;
    }
    // Another connection: it has to show again that it keeps sending, and may be told of again.
    void begin() {
        steady_from_.reset();
        silent_ = said_ = false;
    }
    [[nodiscard]] bool silent() const { return silent_; }
    [[nodiscard]] std::uint64_t silences() const { return silences_; }

  private:
    std::optional<Time> steady_from_;
    Time steady_to_{0};
    bool silent_ = false;
    bool said_ = false; // in this connection
    std::uint64_t silences_ = 0;
};

} // namespace rtspproxy::backend
