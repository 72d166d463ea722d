#include "tests/bench/server/udp_sender.hpp"

#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace rtspproxy::bench {
namespace {

constexpr int kBuffer = 4 * 1024 * 1024;
constexpr std::size_t kMaximumSegments = 64;
constexpr std::size_t kMaximumMessage = 65000;
constexpr std::size_t kMaximumMessages = 1024; // UIO_MAXIOV

UdpPair bind_or_throw(const Address& address) {
    auto pair = bind_udp_pair(address, 0, kBuffer);
    if (!pair)
        throw std::runtime_error("no free pair of UDP ports");
    return std::move(*pair);
}

} // namespace

UdpSender::UdpSender(Loop& loop, const Address& address, OnControl on_control)
    : ports_(bind_or_throw(address)), on_control_(std::move(on_control)) {
    loop.watch(ports_.rtp.get(), EPOLLIN, [this](std::uint32_t) { drain(); });
    loop.watch(ports_.rtcp.get(), EPOLLIN, [this](std::uint32_t) { read_control(); });
}

// Clients send empty packets to the RTP port to open their firewalls.
void UdpSender::drain() {
    std::array<std::uint8_t, 64> bytes{};
    ::recv(ports_.rtp.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
}

void UdpSender::read_control() {
    std::array<std::uint8_t, 2048> bytes{};
    const ssize_t size = ::recv(ports_.rtcp.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (size > 0)
        on_control_(std::span(bytes).first(static_cast<std::size_t>(size)));
}

// A run is packets of one size; only its last one may be shorter (udp(7), UDP_SEGMENT).
void UdpSender::find_runs(const PacketBatch& batch) {
    runs_.clear();
    const auto* at = batch.bytes().data();
    const auto& sizes = batch.sizes();
    for (std::size_t i = 0; i < sizes.size();) {
        std::size_t length = sizes[i];
        std::size_t count = 1;
        while (segmentation_ && i + count < sizes.size() && count < kMaximumSegments &&
               sizes[i + count] <= sizes[i] && length + sizes[i + count] <= kMaximumMessage) {
            const bool shorter = sizes[i + count] < sizes[i];
            length += sizes[i + count];
            ++count;
            if (shorter)
                break;
        }
        Run run{};
        run.place = {const_cast<std::uint8_t*>(at), length};
        run.segment = sizes[i];
        run.segmented = count > 1;
        runs_.push_back(run);
        at += length;
        i += count;
    }
}

void UdpSender::fill_messages(std::span<const Address> clients) {
    for (Run& run : runs_) {
        auto* header = reinterpret_cast<cmsghdr*>(run.control.data());
        header->cmsg_level = SOL_UDP;
        header->cmsg_type = UDP_SEGMENT;
        header->cmsg_len = CMSG_LEN(sizeof run.segment);
        std::memcpy(CMSG_DATA(header), &run.segment, sizeof run.segment);
    }
    messages_.clear();
    for (const Address& client : clients) {
        for (Run& run : runs_) {
            mmsghdr message{};
            message.msg_hdr.msg_name = const_cast<sockaddr*>(client.raw());
            message.msg_hdr.msg_namelen = client.size;
            message.msg_hdr.msg_iov = &run.place;
            message.msg_hdr.msg_iovlen = 1;
            if (run.segmented) {
                message.msg_hdr.msg_control = run.control.data();
                message.msg_hdr.msg_controllen = run.control.size();
            }
            messages_.push_back(message);
        }
    }
}

// Returns false if the device refuses segmentation.
bool UdpSender::send_messages(int fd) {
    std::size_t at = 0;
    while (at < messages_.size()) {
        const auto count = std::min(messages_.size() - at, kMaximumMessages);
        const int sent = ::sendmmsg(fd, &messages_[at], static_cast<unsigned>(count), 0);
        if (sent > 0) {
            at += static_cast<std::size_t>(sent);
            continue;
        }
        if (segmentation_ && at == 0 && (errno == EIO || errno == EINVAL))
            return false;
        if (errno != EINTR)
            ++at; // one client that cannot be reached does not stop the others
    }
    return true;
}

void UdpSender::send(const PacketBatch& batch, std::span<const Address> clients) {
    if (muted_)
        return;
    find_runs(batch);
    fill_messages(clients);
    if (send_messages(ports_.rtp.get()))
        return;
    segmentation_ = false;
    send(batch, clients);
}

void UdpSender::send_control(std::span<const std::uint8_t> packet,
                             std::span<const Address> clients) {
    for (const Address& client : muted_ ? std::span<const Address>() : clients)
        ::sendto(ports_.rtcp.get(), packet.data(), packet.size(), 0, client.raw(), client.size);
}

} // namespace rtspproxy::bench
