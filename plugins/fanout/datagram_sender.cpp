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
// A send buffer that does not get any emptier for so long belongs to a dead device.
constexpr auto kPatience = 100ms;
constexpr int kPatienceStep = 10; // milliseconds
constexpr int kRetries = 3;

} // namespace

struct DatagramSender::Job {
    DatagramSocket& socket;
    const PacketBatch& batch;
    Report report;
    int retries = 0; // of the message that is next
    bool given_up = false;
};

void DatagramSender::set_targets(std::vector<SocketAddress> targets) {
    targets_ = std::move(targets);
    messages_are_valid_ = false;
}

DatagramSender::Report DatagramSender::send(DatagramSocket& socket, const PacketBatch& batch,
                                            bool segment) {
    Job job{socket, batch, {}};
    for (std::size_t target = 0; target < targets_.size();) {
        split_runs(batch.sizes(), segment ? socket.max_segment() : 0, runs_);
        lay_out(batch, target, targets_.size());
        const std::size_t sent = send_messages(job);
        if (sent == messages_.size())
            break;
        target += sent / runs_.size();
        send_rest_one_by_one(job, target, runs_[sent % runs_.size()].first);
        ++target;
    }
    return job.report;
}

// A message was refused for what it holds; what goes to its target is sent plain from there on.
void DatagramSender::send_rest_one_by_one(Job& job, std::size_t target, std::size_t first_packet) {
    split_runs(job.batch.sizes(), 0, runs_);
    std::erase_if(runs_, [=](const Run& run) { return run.first < first_packet; });
    lay_out(job.batch, target, target + 1);
    send_messages(job);
}

void DatagramSender::lay_out(const PacketBatch& batch, std::size_t first_target,
                             std::size_t last_target) {
    const bool all = first_target == 0 && last_target == targets_.size();
    bool same = messages_are_valid_ && all && pieces_.size() == runs_.size();
    pieces_.resize(runs_.size());
    for (std::size_t i = 0; i < runs_.size(); ++i) {
        Piece& piece = pieces_[i];
        const auto* begin = batch.bytes().data() + runs_[i].offset;
        piece.place = {const_cast<std::uint8_t*>(begin), runs_[i].length};
        same = same && piece.segmented == runs_[i].segmented();
        piece.segmented = runs_[i].segmented();
        auto* header = reinterpret_cast<cmsghdr*>(piece.control.data());
        header->cmsg_level = SOL_UDP;
        header->cmsg_type = UDP_SEGMENT;
        header->cmsg_len = CMSG_LEN(sizeof runs_[i].segment);
        std::memcpy(CMSG_DATA(header), &runs_[i].segment, sizeof runs_[i].segment);
    }
    if (same)
        return;
    messages_.clear();
    for (std::size_t target = first_target; target < last_target; ++target) {
        for (Piece& piece : pieces_) {
            msghdr& header = messages_.emplace_back().msg_hdr;
            header.msg_name = const_cast<sockaddr*>(targets_[target].raw());
            header.msg_namelen = targets_[target].size();
            header.msg_iov = &piece.place;
            header.msg_iovlen = 1;
            header.msg_control = piece.segmented ? piece.control.data() : nullptr;
            header.msg_controllen = piece.segmented ? piece.control.size() : 0;
        }
    }
    messages_are_valid_ = all;
}

// Returns how many messages there are, or the first one that was refused for being segmented.
std::size_t DatagramSender::send_messages(Job& job) {
    std::size_t at = 0;
    while (at < messages_.size() && !job.given_up) {
        const std::size_t count = std::min(messages_.size() - at, kMaxMessages);
        const int sent = ::sendmmsg(job.socket.descriptor(), &messages_[at],
                                    static_cast<unsigned>(count), MSG_DONTWAIT);
        const Run& run = runs_[at % runs_.size()];
        if (sent > 0) {
            job.retries = 0;
            for (const std::size_t end = at + static_cast<std::size_t>(sent); at < end; ++at)
                job.report.count(runs_[at % runs_.size()]);
        } else if (run.segmented() && job.socket.refuse(errno, run.segment)) {
            return at;
        } else if (!may_go_on(job, run, errno)) {
            ++at; // one that cannot be reached does not stop the others
        }
    }
    for (; at < messages_.size(); ++at)
        job.report.dropped += runs_[at % runs_.size()].packets;
    return messages_.size();
}

// Whether to try the same message again; otherwise it counts as dropped.
bool DatagramSender::may_go_on(Job& job, const Run& run, int error) {
    if (error == EINTR)
        return true;
    if (error == EAGAIN) {
        job.given_up = !wait_for_room(job.socket.descriptor());
        return true;
    }
    if (job.retries++ < kRetries) {
        if (error == ENOBUFS) { // the queue of the device is full; nothing tells when it is not
            std::this_thread::sleep_for(500us);
            return true;
        }
        // News of an earlier packet, of any target (RFC 1122 §4.1.3.3): this one was not tried yet.
        if (error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH ||
            error == EHOSTDOWN || error == EPROTO)
            return true;
    }
    job.retries = 0;
    job.report.dropped += run.packets;
    return false;
}

bool DatagramSender::wait_for_room(int descriptor) const {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (!interrupted_.load() && std::chrono::steady_clock::now() < until) {
        pollfd events{descriptor, POLLOUT, 0};
        if (::poll(&events, 1, kPatienceStep) <= 0)
            continue;
        if ((events.revents & POLLOUT) != 0)
            return true;
        if ((events.revents & POLLNVAL) != 0)
            return false;
        std::this_thread::sleep_for(
            1ms); // errors that are not ours to fetch keep poll() from waiting
    }
    return false;
}

} // namespace rtspproxy::fanout
