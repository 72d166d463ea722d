#include "app/backend/describe_probe.hpp"

#include "app/backend/launch_line.hpp"
#include "plugins/support/deleter.hpp"

#include <utility>

namespace rtspproxy::backend {

std::unique_ptr<DescribeProbe> DescribeProbe::create(const settings::BackendSettings& settings,
                                                     std::shared_ptr<exchange::Memory> memory,
                                                     EventHandler on_event) {
    const auto transport = settings.transport == settings::Transport::HttpTunnel
                               ? settings::Transport::HttpTunnel
                               : settings::Transport::Tcp; // nothing is set up: any will do
    GError* raw_error = nullptr;
    auto element = Ref<GstElement>::sink(
        gst_parse_launch(launch_line(settings, transport).c_str(), &raw_error));
    const GErrorPtr error(raw_error);
    if (!element)
        return nullptr;
    auto pipeline = Ref<GstElement>::sink(gst_pipeline_new(nullptr));
    gst_bin_add(GST_BIN(pipeline.get()), element.get());
    auto source = std::make_unique<RtspSource>(std::move(element), settings, std::move(memory),
                                               std::move(on_event));
    source->describe_only();
    return std::unique_ptr<DescribeProbe>(
        new DescribeProbe(std::move(pipeline), std::move(source), settings));
}

DescribeProbe::DescribeProbe(Ref<GstElement> pipeline, std::unique_ptr<RtspSource> source,
                             const settings::BackendSettings& settings)
    : pipeline_(std::move(pipeline)), source_(std::move(source)), settings_(settings) {
    const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline_.get()));
    gst_bus_set_sync_handler(
        bus.get(),
        [](GstBus*, GstMessage* message, gpointer self) {
            static_cast<DescribeProbe*>(self)->source_->take_message(message);
            gst_message_unref(message); // GST_BUS_DROP leaves it to the handler
            return GST_BUS_DROP;
        },
        this, nullptr);
}

DescribeProbe::~DescribeProbe() {
    stop();
    const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline_.get()));
    gst_bus_set_sync_handler(bus.get(), nullptr, nullptr, nullptr);
}

void DescribeProbe::start(Attempt attempt, settings::Transport transport) {
    source_->set_attempt(attempt);
    source_->set_target(settings_, transport);
    gst_element_set_state(pipeline_.get(), GST_STATE_PAUSED);
}

void DescribeProbe::stop() {
    source_->settle();
    gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
}

} // namespace rtspproxy::backend
