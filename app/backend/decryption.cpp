#include "app/backend/decryption.hpp"

#include "plugins/support/deleter.hpp"
#include "plugins/support/ref.hpp"

#include <memory>

namespace rtspproxy::backend {
namespace {

bool exists(const char* element) {
    return Ref<GstObject>::adopt(GST_OBJECT_CAST(gst_element_factory_find(element))) != nullptr;
}

std::uint64_t dropped_by(GstElement* decryptor) {
    GstStructure* raw = nullptr;
    g_object_get(decryptor, "stats", &raw, nullptr);
    const StructurePtr stats(raw);
    guint dropped = 0;
    if (stats)
        gst_structure_get_uint(stats.get(), "recv-drop-count", &dropped);
    return dropped;
}

} // namespace

bool can_decrypt() {
    return exists("srtpdec") && exists("srtpenc");
}

std::uint64_t undecryptable_packets(GstElement* source) {
    const std::unique_ptr<GstIterator, Deleter<gst_iterator_free>> decryptors(
        gst_bin_iterate_all_by_element_factory_name(GST_BIN(source), "srtpdec"));
    std::uint64_t sum = 0;
    const auto add = [](const GValue* item, gpointer total) {
        *static_cast<std::uint64_t*>(total) += dropped_by(GST_ELEMENT(g_value_get_object(item)));
    };
    while (gst_iterator_foreach(decryptors.get(), add, &sum) == GST_ITERATOR_RESYNC) {
        gst_iterator_resync(decryptors.get());
        sum = 0;
    }
    return sum;
}

} // namespace rtspproxy::backend
