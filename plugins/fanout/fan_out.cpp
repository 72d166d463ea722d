#include "plugins/fanout/fan_out.hpp"

#include "plugins/support/element.hpp"

#include <algorithm>
#include <utility>

GST_DEBUG_CATEGORY_EXTERN(udpfanoutsink_debug);
#define GST_CAT_DEFAULT udpfanoutsink_debug

namespace rtspproxy::fanout {
namespace {

using Item = QueuedPacket<Ref<GstBuffer>>;

Item queued(GstBuffer* buffer) {
    std::array<std::uint8_t, 4> header{};
    gst_buffer_extract(buffer, 0, header.data(), header.size());
    return {Ref<GstBuffer>::share(buffer), rtp::read_u16(header, 2), gst_buffer_get_size(buffer)};
}

Table::Key key_of(const char* host, int port) {
    return {host != nullptr ? host : "", port};
}

} // namespace

// any thread

StructurePtr FanOut::stats() {
    std::size_t all = 0;
    std::size_t waiting = 0;
    Table::Overflows overflows;
    shared_.destinations.with([&](const Destinations& destinations) {
        all = destinations.table.size();
        waiting = destinations.table.waiting();
        overflows = destinations.table.overflows();
    });
    const auto& counters = shared_.counters;
    return StructurePtr(gst_structure_new(
        "application/x-udpfanoutsink-stats", "gso", G_TYPE_BOOLEAN,
        static_cast<gboolean>(shared_.settings.gso.load() && can_segment_.load()), "packets",
        G_TYPE_UINT64, counters.packets.load(), "bytes", G_TYPE_UINT64, counters.bytes.load(),
        "dropped", G_TYPE_UINT64, counters.dropped.load() + overflows.packets, "gso-messages",
        G_TYPE_UINT64, counters.gso_messages.load(), "bursts", G_TYPE_UINT64,
        counters.bursts.load(), "burst-packets", G_TYPE_UINT64, counters.burst_packets.load(),
        "burst-overflows", G_TYPE_UINT64, overflows.queues, "destinations", G_TYPE_UINT,
        static_cast<guint>(all), "waiting", G_TYPE_UINT, static_cast<guint>(waiting), nullptr));
}

std::optional<Traffic> FanOut::traffic(const char* host, int port) {
    return shared_.destinations.lock()->table.traffic(key_of(host, port));
}

void FanOut::set_send_duplicates(bool duplicates) {
    shared_.destinations.lock()->table.set_duplicates(duplicates);
}

void FanOut::add(const char* host, int port) {
    const auto address = SocketAddress::resolve(host, port);
    if (!address) {
        GST_WARNING_OBJECT(element_, "no address for host %s, port %d", host, port);
        return;
    }
    const auto key = key_of(host, port);
    const auto begin = shared_.destinations.lock()->table.add(key, *address, monotonic_now());
    burst(begin);
}

void FanOut::remove(const char* host, int port) {
    const auto key = key_of(host, port);
    // Destroyed without the lock: its queue may be long.
    const auto removed = shared_.destinations.lock()->table.remove(key);
}

void FanOut::clear() {
    const auto removed = shared_.destinations.lock()->table.clear();
}

void FanOut::hold(const char* host, int port) {
    const auto key = key_of(host, port);
    if (!shared_.destinations.lock()->table.hold(key, monotonic_now()))
        GST_WARNING_OBJECT(element_, "host %s, port %d is not held: too many are", host, port);
}

void FanOut::release(const char* host, int port) {
    const auto key = key_of(host, port);
    // Destroyed without the lock: its queue may be long.
    const auto released = shared_.destinations.lock()->table.release(key);
}

void FanOut::begin_with(const char* host, int port, GstBufferList* packets,
                        std::optional<std::uint16_t> next) {
    std::vector<Item> items;
    for (guint i = 0; packets != nullptr && i < gst_buffer_list_length(packets); ++i)
        items.push_back(queued(gst_buffer_list_get(packets, i)));
    const auto key = key_of(host, port);
    const auto begin =
        shared_.destinations.lock()->table.begin_with(key, std::move(items), monotonic_now(), next);
    if (begin == Table::Begin::Refused)
        GST_WARNING_OBJECT(
            element_,
            "host %s, port %d was added before its burst, and not held, or too many are held", host,
            port);
    burst(begin);
}

void FanOut::burst(Table::Begin begin) {
    if (begin != Table::Begin::Now)
        return;
    ++shared_.counters.bursts;
    bursts_.wake();
}

// state changes

void FanOut::start(Ref<GSocket> v4, Ref<GSocket> v6) {
    outlets_.open(std::move(v4), std::move(v6));
    auto& counters = shared_.counters;
    for (auto* counter : {&counters.bytes_in, &counters.packets, &counters.bytes, &counters.dropped,
                          &counters.gso_messages, &counters.bursts, &counters.burst_packets})
        counter->store(0);
    shared_.destinations.lock()->table.reset_overflows();
    can_segment_.store(outlets_.can_segment());
    targets_generation_ = 0;
    warned_ = false;
    sending_ = Sending::Undecided;
    interrupted_.store(false);
    bursts_.start();
}

void FanOut::stop() {
    bursts_.stop();
    shared_.destinations.lock()->table.forget_queues();
    can_segment_.store(false);
    outlets_.close();
}

// streaming thread

void FanOut::render(GstBuffer* buffer) {
    buffers_.assign(1, buffer);
    render_list();
}

void FanOut::render(GstBufferList* list) {
    const guint length = gst_buffer_list_length(list);
    buffers_.clear();
    for (guint i = 0; i < length; ++i)
        buffers_.push_back(gst_buffer_list_get(list, i));
    render_list();
}

void FanOut::render_list() {
    Traffic list;
    for (GstBuffer* buffer : buffers_)
        if (const gsize size = gst_buffer_get_size(buffer); size != 0) // others are not sent
            list += {1, size};
    if (!show_list(list))
        return;
    batch_.clear();
    for (GstBuffer* buffer : buffers_)
        append(batch_, buffer);
    send_list(list);
}

// Tells the table of the list, and who is there. Returns false if nobody is to be sent it now.
bool FanOut::show_list(const Traffic& list) {
    bool burst = false;
    bool anybody = false;
    if (had_waiting_)
        queue_list();
    {
        auto destinations = shared_.destinations.lock();
        Table& table = destinations->table;
        had_waiting_ = table.has_waiting();
        if (had_waiting_) {
            if (queued_.empty())
                queue_list();
            table.collect(queued_, shared_.settings.burst_max_bytes.load(), monotonic_now());
            burst = table.has_queues() && !destinations->bursting;
        }
        table.passed(list);
        if (targets_generation_ != table.generation())
            renew_targets(table);
        anybody = table.size() != 0;
    }
    queued_.clear();
    if (anybody)
        shared_.counters.bytes_in += list.bytes;
    if (burst)
        bursts_.wake();
    return !unroutable_.empty() ||
           std::ranges::any_of(groups_, [](const Group& one) { return one.sender.has_targets(); });
}

void FanOut::queue_list() {
    for (GstBuffer* buffer : buffers_)
        queued_.push_back(queued(buffer));
}

void FanOut::renew_targets(const Table& table) {
    std::array<std::vector<SocketAddress>, Outlets::kCount> targets;
    targets_generation_ = table.generation();
    unroutable_.clear();
    for (Group& group : groups_)
        group.receivers.clear();
    table.for_each_live([&](const auto& destination, unsigned copies) {
        const auto route = outlets_.route(destination->address);
        auto& receivers = route ? groups_.at(route->outlet).receivers : unroutable_;
        receivers.insert(receivers.end(), copies, destination);
        if (route)
            targets.at(route->outlet)
                .insert(targets.at(route->outlet).end(), copies, route->address);
    });
    for (std::size_t i = 0; i < groups_.size(); ++i)
        groups_.at(i).sender.set_targets(targets.at(i));
}

void FanOut::send_list(const Traffic& list) {
    const bool gso = shared_.settings.gso.load();
    DatagramSender::Report sum;
    bool capable = false;
    for (std::size_t i = 0; i < groups_.size(); ++i) {
        Group& group = groups_.at(i);
        if (!group.sender.has_targets())
            continue;
        const DatagramSocket* socket = outlets_.socket(i);
        if (socket == nullptr) { // its owner has closed it
            sum.dropped += list.packets * group.receivers.size();
            tell_losses(group.receivers, list);
            continue;
        }
        sum += group.sender.send(*socket, batch_, gso);
        capable = capable || (gso && socket->max_segment() != 0 && group.sender.may_segment());
        if (const auto losses = group.sender.losses(); !losses.empty()) {
            auto destinations = shared_.destinations.lock();
            for (const auto& loss : losses)
                destinations->table.lost(*group.receivers[loss.target], {loss.packets, loss.bytes});
        }
    }
    if (!unroutable_.empty()) {
        sum.dropped += list.packets * unroutable_.size();
        tell_losses(unroutable_, list);
        warn_of_unroutable();
    }
    shared_.counters += sum;
    if (sum.messages != 0)
        announce(Sending::Gso);
    else if (!capable && sum.packets != 0)
        announce(Sending::Plain);
}

// The whole list was not sent to these.
void FanOut::tell_losses(const Receivers& unsent, const Traffic& list) {
    auto destinations = shared_.destinations.lock();
    for (const auto& destination : unsent)
        destinations->table.lost(*destination, list);
}

void FanOut::warn_of_unroutable() {
    if (std::exchange(warned_, true))
        return;
    GST_ELEMENT_WARNING(
        element_, RESOURCE, WRITE, ("Some destinations cannot be sent to."),
        ("no socket for %zu destinations of the other address family", unroutable_.size()));
}

// Says which it is: once, and again when it changes: all have refused it, or one came that has not.
void FanOut::announce(Sending sending) {
    if (sending == sending_)
        return;
    sending_ = sending;
    const bool gso = sending == Sending::Gso;
    GST_INFO_OBJECT(element_, "packets are sent %s",
                    gso ? "with segmentation offload" : "one by one");
    gst_element_post_message(
        element_, gst_message_new_element(GST_OBJECT(element_),
                                          gst_structure_new("udp-fan-out", "gso", G_TYPE_BOOLEAN,
                                                            static_cast<gboolean>(gso), nullptr)));
}

} // namespace rtspproxy::fanout
