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
    messages_.assign(targets_.size(), mmsghdr{});
    for (std::size_t i = 0; i < targets_.size(); ++i) {
        msghdr& header = messages_[i].msg_hdr;
        header.msg_name = const_cast<sockaddr*>(targets_[i].raw());
        header.msg_namelen = targets_[i].size();
        header.msg_iov = &place_;
        header.msg_iovlen = 1;
        header.msg_control = control_.data();
    }
    with_control_ = false;
}

DatagramSender::Report DatagramSender::send(DatagramSocket& socket, const PacketBatch& batch,
                                            bool segment) {
    Job job{socket, batch, {}};
    split_runs(batch.sizes(), segment ? socket.max_segment() : 0, runs_);
    for (const Run& run : runs_)
        send_run(job, run);
    return job.report;
}

void DatagramSender::send_run(Job& job, const Run& run) {
    // Whoever else uses the socket may have been refused meanwhile, as may an earlier run.
    if (run.segmented() && run.segment > job.socket.max_segment()) {
        send_packets(job, run, 0);
        return;
    }
    const std::size_t sent = send_messages(job, run, 0);
    if (sent != targets_.size())
        send_packets(job, run, sent);
}

// What could not go as one message, to all targets but the first ones.
void DatagramSender::send_packets(Job& job, const Run& run, std::size_t from) {
    std::size_t offset = run.offset;
    for (std::size_t i = run.first; i < run.first + run.packets; ++i) {
        const std::size_t size = job.batch.sizes()[i];
        send_messages(job, {offset, size, i, 1, static_cast<std::uint16_t>(size)}, from);
        offset += size;
    }
}

// To all targets but the first ones. Returns how many there are, or the first one for which the run
// was refused as too much for one message.
std::size_t DatagramSender::send_messages(Job& job, const Run& run, std::size_t from) {
    const auto* begin = job.batch.bytes().data() + run.offset;
    place_ = {const_cast<std::uint8_t*>(begin), run.length};
    set_control(run);
    std::size_t at = from;
    while (at < messages_.size() && !job.given_up) {
        const std::size_t count = std::min(messages_.size() - at, kMaxMessages);
        const int sent = ::sendmmsg(job.socket.descriptor(), &messages_[at],
                                    static_cast<unsigned>(count), MSG_DONTWAIT);
        if (sent > 0) {
            const auto messages = static_cast<std::uint64_t>(sent);
            job.report.packets += messages * run.packets;
            job.report.bytes += messages * run.length;
            job.report.messages += run.segmented() ? messages : 0;
            job.retries = 0;
            at += messages;
        } else if (run.segmented() && job.socket.refuse(errno, run.segment)) {
            return at;
        } else if (!may_go_on(job, run, errno)) {
            ++at; // one that cannot be reached does not stop the others
        }
    }
    job.report.dropped += (messages_.size() - at) * run.packets;
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

void DatagramSender::set_control(const Run& run) {
    if (run.segmented()) {
        auto* header = reinterpret_cast<cmsghdr*>(control_.data());
        header->cmsg_level = SOL_UDP;
        header->cmsg_type = UDP_SEGMENT;
        header->cmsg_len = CMSG_LEN(sizeof run.segment);
        std::memcpy(CMSG_DATA(header), &run.segment, sizeof run.segment);
    }
    if (with_control_ == run.segmented())
        return;
    with_control_ = run.segmented();
    for (mmsghdr& message : messages_)
        message.msg_hdr.msg_controllen = with_control_ ? control_.size() : 0;
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
