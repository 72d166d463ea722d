#include "plugins/fanout/datagram_sender.hpp"

#include <netinet/udp.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

namespace rtspproxy::fanout {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxMessages = 1024; // UIO_MAXIOV
// So long one batch waits for room, all its packets together. A send buffer that does not get any
// emptier meanwhile belongs to a dead device.
constexpr std::chrono::nanoseconds kPatience = 100ms;
constexpr int kPatienceStep = 10; // milliseconds

// EMSGSIZE: a segment is larger than the way to the target allows. EINVAL: the same, of older
// kernels, or without checksums. EIO: the device, or IPsec, does not do it.
bool refuses_segments(int error) {
    return error == EMSGSIZE || error == EINVAL || error == EIO;
}
// May be news of an earlier packet, of any target (RFC 1122 §4.1.3.3), which is told once: then the
// message at hand was not tried yet.
bool may_be_of_another(int error) {
    return error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH ||
           error == EHOSTDOWN || error == EPROTO;
}
// Nothing else for that target will fare better.
bool is_of_the_target(int error) {
    switch (error) {
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
    case ENODEV:
    case EACCES: // broadcast
    case EINVAL:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
    case EAGAIN: // no room, and waited long enough
    case ENOBUFS:
        return true;
    default:
        return false;
    }
}

} // namespace

struct DatagramSender::Job {
    const DatagramSocket& socket;
    const PacketBatch& batch;
    Report report;
    std::chrono::nanoseconds patience = kPatience; // what is left of it
    bool retried = false;                          // the message that is next
    bool given_up = false;
};

void DatagramSender::set_targets(const std::vector<SocketAddress>& targets) {
    std::vector<SocketAddress> refusing;
    for (const Target& target : targets_)
        if (target.refuses_segments)
            refusing.push_back(target.address);
    std::ranges::sort(refusing);
    targets_.clear();
    for (const SocketAddress& address : targets)
        targets_.push_back({address, std::ranges::binary_search(refusing, address)});
    refusing_ = static_cast<std::size_t>(
        std::ranges::count_if(targets_, [](const Target& one) { return one.refuses_segments; }));
    messages_are_valid_ = false;
}

DatagramSender::Report DatagramSender::send(const DatagramSocket& socket, const PacketBatch& batch,
                                            bool segment) {
    losses_.clear();
    bool same = runs_.lay_out(batch, segment ? socket.max_segment() : 0);
    if (refusing_ != 0)
        same = singles_.lay_out(batch, 0) && same;
    if (!same || !messages_are_valid_) {
        messages_.clear();
        for (std::size_t target = 0; target < targets_.size(); ++target)
            add_messages(messages_, target, targets_[target].refuses_segments ? singles_ : runs_,
                         0);
        messages_are_valid_ = true;
    }
    Job job{socket, batch, {}};
    send_messages(job, messages_);
    return job.report;
}

bool DatagramSender::Cut::lay_out(const PacketBatch& batch, std::size_t max_segment) {
    split_runs(batch.sizes(), max_segment, runs);
    bool same = pieces.size() == runs.size();
    pieces.resize(runs.size());
    for (std::size_t i = 0; i < runs.size(); ++i) {
        Piece& piece = pieces[i];
        const auto* begin = batch.bytes().data() + runs[i].offset;
        piece.place = {const_cast<std::uint8_t*>(begin), runs[i].length};
        same = same && piece.segmented == runs[i].segmented();
        piece.segmented = runs[i].segmented();
        auto* header = reinterpret_cast<cmsghdr*>(piece.control.data());
        header->cmsg_level = SOL_UDP;
        header->cmsg_type = UDP_SEGMENT;
        header->cmsg_len = CMSG_LEN(sizeof runs[i].segment);
        std::memcpy(CMSG_DATA(header), &runs[i].segment, sizeof runs[i].segment);
    }
    return same;
}

void DatagramSender::Messages::add(const SocketAddress& address, const Origin& origin,
                                   Piece& piece) {
    msghdr& header = headers.emplace_back().msg_hdr;
    header.msg_name = const_cast<sockaddr*>(address.raw());
    header.msg_namelen = address.size();
    header.msg_iov = &piece.place;
    header.msg_iovlen = 1;
    header.msg_control = piece.segmented ? piece.control.data() : nullptr;
    header.msg_controllen = piece.segmented ? piece.control.size() : 0;
    origins.push_back(origin);
}

std::size_t DatagramSender::Messages::next_target(std::size_t at) const {
    const std::size_t target = origins[at].target;
    while (at < origins.size() && origins[at].target == target)
        ++at;
    return at;
}

void DatagramSender::add_messages(Messages& to, std::size_t target, Cut& cut,
                                  std::size_t first_packet) const {
    for (std::size_t run = 0; run < cut.runs.size(); ++run)
        if (cut.runs[run].first >= first_packet)
            to.add(targets_[target].address, {target, &cut, run}, cut.pieces[run]);
}

void DatagramSender::send_messages(Job& job, Messages& messages) {
    std::size_t at = 0;
    while (at < messages.size() && !job.given_up) {
        const std::size_t count = std::min(messages.size() - at, kMaxMessages);
        const int sent = ::sendmmsg(job.socket.descriptor(), &messages.headers[at],
                                    static_cast<unsigned>(count), MSG_DONTWAIT);
        if (sent > 0) {
            job.retried = false;
            for (const std::size_t end = at + static_cast<std::size_t>(sent); at < end; ++at)
                job.report.count(messages.origins[at].what());
        } else {
            at = after_error(job, messages, at, errno);
        }
    }
    drop(job, messages, at, messages.size());
}

// What to send next, after an answer to message `at`.
std::size_t DatagramSender::after_error(Job& job, const Messages& messages, std::size_t at,
                                        int error) {
    if (error == EINTR)
        return at;
    const auto& origin = messages.origins[at];
    if (origin.what().segmented() && refuses_segments(error)) {
        send_rest_one_by_one(job, origin.target, origin.what().first);
        return messages.next_target(at);
    }
    if ((error == EAGAIN || error == ENOBUFS) && wait_for_room(job, error))
        return at;
    if (may_be_of_another(error) && !std::exchange(job.retried, true))
        return at;
    job.retried = false;
    if (job.given_up)
        return at;
    const std::size_t next = is_of_the_target(error) ? messages.next_target(at) : at + 1;
    drop(job, messages, at, next);
    return next;
}

void DatagramSender::send_rest_one_by_one(Job& job, std::size_t target, std::size_t first_packet) {
    targets_[target].refuses_segments = true;
    ++refusing_;
    messages_are_valid_ = false;
    job.retried = false;
    singles_.lay_out(job.batch, 0); // if it was before, it stays as it is
    Messages rest;
    add_messages(rest, target, singles_, first_packet);
    send_messages(job, rest);
}

void DatagramSender::drop(Job& job, const Messages& messages, std::size_t from, std::size_t to) {
    for (; from < to; ++from) {
        const auto& origin = messages.origins[from];
        const Run& run = origin.what();
        job.report.dropped += run.packets;
        if (losses_.empty() || losses_.back().target != origin.target)
            losses_.push_back({origin.target});
        losses_.back().packets += run.packets;
        losses_.back().bytes += run.length;
    }
}

// Whether to try again. Not so if patience is at an end.
bool DatagramSender::wait_for_room(Job& job, int error) const {
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    bool again = false;
    while (!again && !job.given_up && Clock::now() - begin < job.patience) {
        pollfd events{job.socket.descriptor(), POLLOUT, 0};
        if (interrupted_.load()) {
            job.given_up = true;
        } else if (error == ENOBUFS) { // the queue of the device; nothing tells when it is not full
            std::this_thread::sleep_for(500us);
            again = true;
        } else if (::poll(&events, 1, kPatienceStep) > 0) {
            again = (events.revents & POLLOUT) != 0;
            job.given_up = (events.revents & POLLNVAL) != 0;
            if (!again) // errors that are not ours to fetch keep poll() from waiting
                std::this_thread::sleep_for(1ms);
        }
    }
    job.patience -= Clock::now() - begin;
    return again;
}

} // namespace rtspproxy::fanout
