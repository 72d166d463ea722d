// Refusals: what a camera refuses at SETUP and PLAY, for whoever chooses the next transport and
// tells the operator.
#pragma once

#include "app/backend/exchange/rule.hpp"
#include "plugins/support/guarded.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rtspproxy::backend::exchange {

// Of one attempt to play.
struct Refusals {
    struct Track {
        std::size_t number; // in the order of their SETUPs, from 1
        std::string url;
        std::string answer; // "404 Not Found"; empty while it was not refused
    };
    std::vector<Track> tracks;
    bool udp = false;  // it was asked for UDP
    std::string fatal; // how it refused PLAY, or all by closing the connection; empty: it did not

    // Tracks that were refused.
    [[nodiscard]] std::vector<const Track*> refused() const;
    // Whether each track was refused because of the transport.
    [[nodiscard]] bool all_unsupported() const;
    // Why nothing can be played like this; empty: that is not known.
    [[nodiscard]] std::string reason() const;
};
using SharedRefusals = std::shared_ptr<Guarded<Refusals>>;

// rtspsrc (1.22) gives everything up for a track that is refused, unless the status is 461, "this
// transport is not supported": so that is what it sees, and it goes on with the other tracks.
class RefusalRule final : public Rule {
  public:
    explicit RefusalRule(SharedRefusals refusals) : refusals_(std::move(refusals)) {}

    [[nodiscard]] std::optional<Message> on_request(Request& request) override;
    [[nodiscard]] Verdict on_answer(Request& request, Message& answer) override;
    void on_end(const std::deque<Request>& unanswered) override;

  private:
    const SharedRefusals refusals_;
};

} // namespace rtspproxy::backend::exchange
