// What the process sets once, before the first rtspsrc is made.
#pragma once

namespace rtspproxy::backend {

// rtspsrc makes one of every RTSP extension that is installed. Those for RealMedia and Windows
// Media (gst-plugins-ugly) add a dozen odd headers to each OPTIONS request, which cameras need not
// bear: they are taken out of this process's registry.
void disable_foreign_extensions();

} // namespace rtspproxy::backend
