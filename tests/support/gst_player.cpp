#include "tests/support/gst_player.hpp"

#include "plugins/support/deleter.hpp"

#include <stdexcept>

namespace rtspproxy::tests {

namespace {

void log_buffer(GstBuffer* buffer, PacketLog& log) {
    GstMapInfo map;
    if (gst_buffer_map(buffer, &map, GST_MAP_READ) == FALSE)
        return;
    log.add({map.data, map.size});
    gst_buffer_unmap(buffer, &map);
}

GstPadProbeReturn log_probe(GstPad* /*pad*/, GstPadProbeInfo* info, gpointer data) {
    auto& log = **static_cast<std::shared_ptr<PacketLog>*>(data);
    if ((info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) != 0) {
        GstBufferList* list = GST_PAD_PROBE_INFO_BUFFER_LIST(info);
        for (guint index = 0; index < gst_buffer_list_length(list); ++index)
            log_buffer(gst_buffer_list_get(list, index), log);
    } else {
        log_buffer(GST_PAD_PROBE_INFO_BUFFER(info), log);
    }
    return GST_PAD_PROBE_OK;
}

std::string encoding_of(GstPad* pad) {
    const auto caps = Ref<GstCaps>::adopt(gst_pad_get_current_caps(pad));
    if (!caps)
        return "";
    const char* name =
        gst_structure_get_string(gst_caps_get_structure(caps.get(), 0), "encoding-name");
    return name == nullptr ? "" : name;
}

} // namespace

void log_packets(GstPad* pad, std::shared_ptr<PacketLog> log) {
    auto owner = std::make_unique<std::shared_ptr<PacketLog>>(std::move(log));
    gst_pad_add_probe(
        pad,
        static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST),
        log_probe, owner.release(), [](gpointer data) {
            std::unique_ptr<std::shared_ptr<PacketLog>>(
                static_cast<std::shared_ptr<PacketLog>*>(data));
        });
}

GstPlayer::GstPlayer(const std::string& url, const std::string& protocols)
    : pipeline_(Ref<GstElement>::sink(gst_pipeline_new(nullptr))) {
    GstElement* source = gst_element_factory_make("rtspsrc", nullptr);
    if (source == nullptr)
        throw std::runtime_error("no rtspsrc");
    // rtspsrc tunnels what its URL says, and counts it as TCP.
    const bool tunnel = protocols == "http";
    const std::string location = tunnel ? "rtsph" + url.substr(url.find(':')) : url;
    g_object_set(source, "location", location.c_str(), "latency", 0U, "drop-on-latency", FALSE,
                 "multicast-iface", "lo", nullptr);
    gst_util_set_object_arg(G_OBJECT(source), "protocols", tunnel ? "tcp" : protocols.c_str());
    g_signal_connect(source, "pad-added", G_CALLBACK(+[](GstElement*, GstPad* pad, gpointer self) {
                         static_cast<GstPlayer*>(self)->add_pad(pad);
                     }),
                     this);
    gst_bin_add(GST_BIN(pipeline_.get()), source);
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
}

GstPlayer::~GstPlayer() {
    gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
}

void GstPlayer::add_pad(GstPad* pad) {
    auto track = std::make_shared<Track>();
    track->encoding = encoding_of(pad);
    // The log lives in the track: the probe keeps both.
    log_packets(pad, std::shared_ptr<PacketLog>(track, &track->log));
    GstElement* sink = gst_element_factory_make("fakesink", nullptr);
    g_object_set(sink, "sync", FALSE, "async", FALSE, nullptr);
    gst_bin_add(GST_BIN(pipeline_.get()), sink);
    const auto sink_pad = Ref<GstPad>::adopt(gst_element_get_static_pad(sink, "sink"));
    gst_pad_link(pad, sink_pad.get());
    gst_element_sync_state_with_parent(sink);
    tracks_.lock()->push_back(std::move(track));
}

std::shared_ptr<GstPlayer::Track> GstPlayer::track(std::size_t index) {
    auto tracks = tracks_.lock();
    return index < tracks->size() ? (*tracks)[index] : nullptr;
}

bool GstPlayer::wait_tracks(std::size_t count, Clock::duration patience) {
    return eventually([&] { return tracks_.lock()->size() >= count; }, patience);
}

bool GstPlayer::wait_packets(std::size_t count, std::size_t index, Clock::duration patience) {
    return eventually(
        [&] {
            const auto found = track(index);
            return found && found->log.count() >= count;
        },
        patience);
}

std::vector<RtpRecord> GstPlayer::packets(std::size_t index) {
    const auto found = track(index);
    return found ? found->log.packets() : std::vector<RtpRecord>();
}

std::string GstPlayer::encoding(std::size_t index) {
    const auto found = track(index);
    return found ? found->encoding : "";
}

std::optional<std::string> GstPlayer::error() {
    const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline_.get()));
    const auto message = Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR));
    if (!message)
        return std::nullopt;
    GError* error = nullptr;
    gst_message_parse_error(message.get(), &error, nullptr);
    const GErrorPtr owner(error);
    return error->message;
}

} // namespace rtspproxy::tests
