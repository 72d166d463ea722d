#include "tests/bench/server/connection.hpp"

#include <utility>

namespace rtspproxy::bench {
namespace {

constexpr std::size_t kKeptLimit = std::size_t{4} * 1024 * 1024;

} // namespace

Connection::Connection(Loop& loop, ReadBuffer& buffer, Fd fd, const Address& peer,
                       Listener& listener)
    : loop_(loop), buffer_(buffer), fd_(std::move(fd)), peer_(peer), listener_(listener) {
    loop_.watch(fd_.get(), EPOLLIN, [this](std::uint32_t events) { on_ready(events); });
}

bool Connection::on_frame(std::uint8_t channel, std::span<const std::uint8_t> packet) {
    listener_.on_client_frame(channel, packet);
    return true;
}

bool Connection::on_message(const Message& message) {
    last_request_ = monotonic_now();
    if (!message.is_response())
        listener_.on_request(*this, message);
    return true;
}

void Connection::on_ready(std::uint32_t events) {
    if ((events & EPOLLOUT) != 0)
        send_kept();
    if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) == 0)
        return;
    if (reader_.read(fd_.get(), buffer_, *this) != ReadState::Open)
        listener_.on_closed(*this);
}

void Connection::send_text(std::string_view text) {
    send_or_keep({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

void Connection::send_media(std::span<const std::uint8_t> framed, bool key_frame) {
    const std::size_t kept = kept_.size() - kept_from_;
    if (kept > kKeptLimit)
        dropping_ = true;
    else if (key_frame && kept < kKeptLimit / 2)
        dropping_ = false;
    if (dropping_)
        ++dropped_units_;
    else
        send_or_keep(framed);
}

void Connection::send_or_keep(std::span<const std::uint8_t> bytes) {
    std::size_t sent = 0;
    if (kept_.empty()) {
        // A broken connection shows when it is read from: nothing to do here.
        const ssize_t result =
            ::send(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (result == static_cast<ssize_t>(bytes.size()))
            return;
        if (result < 0 && errno != EAGAIN)
            return;
        sent = static_cast<std::size_t>(std::max<ssize_t>(result, 0));
        loop_.change(fd_.get(), EPOLLIN | EPOLLOUT);
    }
    kept_.insert(kept_.end(), bytes.begin() + static_cast<std::ptrdiff_t>(sent), bytes.end());
}

void Connection::send_kept() {
    const ssize_t result = ::send(fd_.get(), kept_.data() + kept_from_, kept_.size() - kept_from_,
                                  MSG_DONTWAIT | MSG_NOSIGNAL);
    if (result > 0)
        kept_from_ += static_cast<std::size_t>(result);
    if (kept_from_ == kept_.size()) {
        kept_.clear();
        kept_from_ = 0;
        loop_.change(fd_.get(), EPOLLIN);
    } else if (kept_from_ > kKeptLimit) {
        kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(kept_from_));
        kept_from_ = 0;
    }
}

} // namespace rtspproxy::bench
