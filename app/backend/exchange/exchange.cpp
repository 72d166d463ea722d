#include "app/backend/exchange/exchange.hpp"

#include <algorithm>
#include <utility>

namespace rtspproxy::backend::exchange {

Deliveries Exchange::from_source(std::string_view message) {
    Deliveries out;
    Message parsed = Message::parse(message);
    if (!parsed.is_answer()) {
        // It waits for one answer at a time: for that of its newest request.
        std::erase_if(pending_, [](const Request& each) { return !each.ours; });
        Request request{std::move(parsed), false, 0, 0, {}, false};
        request.source_cseq = request.message.value_or("CSeq", "0");
        send(std::move(request), out);
        return out;
    }
    parsed.remove("CSeq");
    if (!camera_cseqs_.empty()) {
        if (const auto& cseq = camera_cseqs_.front())
            parsed.headers.insert(parsed.headers.begin(), {"CSeq", *cseq});
        camera_cseqs_.pop_front();
    }
    out.to_camera.push_back(parsed.text());
    return out;
}

Deliveries Exchange::from_camera(std::string_view message) {
    Deliveries out;
    Message parsed = Message::parse(message);
    if (parsed.is_answer())
        take_answer(std::move(parsed), out);
    else
        take_camera_request(std::move(parsed), out);
    return out;
}

Deliveries Exchange::ask(Message request) {
    Deliveries out;
    std::erase_if(pending_, [](const Request& each) { return each.ours; });
    send({std::move(request), true, 0, 0, {}, false}, out);
    return out;
}

void Exchange::end() {
    const std::deque<Request> unanswered = std::exchange(pending_, {});
    for (const auto& rule : rules_)
        rule->on_end(unanswered);
}

void Exchange::send(Request request, Deliveries& out) {
    for (const auto& rule : rules_) {
        if (auto answer = rule->on_request(request)) {
            give(request, std::move(*answer), out);
            return;
        }
    }
    request.cseq = ++last_cseq_;
    ++request.times_sent;
    request.message.remove("CSeq");
    request.message.headers.insert(request.message.headers.begin(),
                                   {"CSeq", std::to_string(request.cseq)});
    out.to_camera.push_back(request.message.text());
    pending_.push_back(std::move(request));
}

void Exchange::take_answer(Message answer, Deliveries& out) {
    if (answer.status >= 100 && answer.status < 200)
        return; // "not yet"
    auto request = answered_by(answer);
    if (!request) {
        ++unasked_;
        return;
    }
    for (const auto& rule : rules_) {
        const Verdict verdict = rule->on_answer(*request, answer);
        if (verdict == Verdict::Swallow)
            return;
        if (verdict == Verdict::Resend && request->times_sent < kMaxTimesSent) {
            send(std::move(*request), out);
            return;
        }
    }
    mended_ += request->mended ? 1 : 0;
    give(*request, std::move(answer), out);
}

// Answers come in the order of their requests: what was sent before this one gets none any more.
// Without a number that was sent, an answer is that of the first; but a camera that numbers them
// right means an earlier one, which was forgotten.
std::optional<Request> Exchange::answered_by(const Message& answer) {
    const std::string* number = answer.find("CSeq");
    const auto cseq = number != nullptr ? parse_number(*number) : std::nullopt;
    auto found = std::ranges::find_if(
        pending_, [cseq](const Request& each) { return cseq && each.cseq == *cseq; });
    if (found != pending_.end())
        numbers_right_ = true;
    else if (!(numbers_right_ && cseq && *cseq <= last_cseq_))
        found = pending_.begin();
    if (found == pending_.end())
        return std::nullopt;
    Request request = std::move(*found);
    request.mended = !cseq || *cseq != request.cseq;
    pending_.erase(pending_.begin(), found + 1);
    return request;
}

void Exchange::give(const Request& request, Message answer, Deliveries& out) {
    if (request.ours)
        return;
    answer.remove("CSeq");
    answer.headers.insert(answer.headers.begin(), {"CSeq", request.source_cseq});
    out.to_source.push_back(answer.text());
}

void Exchange::take_camera_request(Message request, Deliveries& out) {
    const std::string* number = request.find("CSeq");
    camera_cseqs_.push_back(number != nullptr ? std::optional(*number) : std::nullopt);
    if (camera_cseqs_.size() > kMaxCameraRequests)
        camera_cseqs_.pop_front();
    request.remove("CSeq");
    request.headers.insert(request.headers.begin(), {"CSeq", std::to_string(++last_camera_cseq_)});
    out.to_source.push_back(request.text());
}

} // namespace rtspproxy::backend::exchange
