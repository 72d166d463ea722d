// Exchange: stands between rtspsrc and the camera on one connection. It sees each request that
// rtspsrc writes and each message that the camera sends, and asks its rules (rule.hpp) what to make
// of them: they are passed on, changed, sent again, swallowed; and requests of our own go among
// them.
//
// Pure: whole messages in, whole messages out, no I/O. The camera sees one sequence of CSeq,
// rtspsrc its own numbers, whatever the camera's answers bear.
#pragma once

#include "app/backend/exchange/message.hpp"
#include "app/backend/exchange/rule.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtspproxy::backend::exchange {

using Rules = std::vector<std::unique_ptr<Rule>>;

// What has to be sent now, in this order.
struct Deliveries {
    std::vector<std::string> to_camera;
    std::vector<std::string> to_source; // rtspsrc
};

class Exchange {
  public:
    // A request that was sent so often is not sent again: rtspsrc gets the answer.
    static constexpr unsigned kMaxTimesSent = 5;
    // Requests of the camera that rtspsrc has not answered; of more, the first are forgotten.
    static constexpr std::size_t kMaxCameraRequests = 16;

    explicit Exchange(Rules rules) : rules_(std::move(rules)) {}

    [[nodiscard]] Deliveries from_source(std::string_view message);
    [[nodiscard]] Deliveries from_camera(std::string_view message);
    // A request of our own; it needs no CSeq. An earlier one that was not answered is forgotten.
    [[nodiscard]] Deliveries ask(Message request);
    // The camera ended the connection.
    void end();

    // Answers to nothing, or to what was forgotten. They end here.
    [[nodiscard]] std::uint64_t unasked() const { return unasked_; }
    // Answers that rtspsrc would not have read right.
    [[nodiscard]] std::uint64_t mended() const { return mended_; }

  private:
    void send(Request request, Deliveries& out);
    void take_answer(Message answer, Deliveries& out);
    void take_camera_request(Message request, Deliveries& out);
    [[nodiscard]] std::optional<Request> answered_by(const Message& answer);
    static void give(const Request& request, Message answer, Deliveries& out);

    Rules rules_;
    std::deque<Request> pending_; // in the order in which they were sent
    std::deque<std::optional<std::string>> camera_cseqs_;
    unsigned last_cseq_ = 0;
    bool numbers_right_ = false;    // an answer bore the number of its request
    unsigned last_camera_cseq_ = 0; // as rtspsrc sees them
    std::uint64_t unasked_ = 0;
    std::uint64_t mended_ = 0;
};

} // namespace rtspproxy::backend::exchange
