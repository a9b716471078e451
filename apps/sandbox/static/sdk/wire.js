// The line's websocket, in a thread of its own: a page that is busy does not make the sound stop.

const FRAME = 160;
const BEHIND = 10 * FRAME; // bytes unsent: the line is stuck, and what is said now would come too late
const PACE = 20; // milliseconds from frame to frame
let socket = null;
let telephone = null;
let last = null; // when the last frame came
let jitter = 0; // milliseconds, as RFC 3550 has it

function measure() {
  const now = performance.now();
  if (last !== null) jitter += (Math.abs(now - last - PACE) - jitter) / 16;
  last = now;
}
setInterval(() => socket && postMessage({ jitter }), 500);

function close() {
  const old = socket;
  socket = null;
  old?.close();
}

onmessage = ({ data }) => {
  if (data.telephone) {
    telephone = data.telephone;
    telephone.onmessage = ({ data: frame }) => {
      if (socket?.readyState === WebSocket.OPEN && socket.bufferedAmount < BEHIND) socket.send(frame);
    };
  }
  if (data.close) close();
  if (data.url) open(data.url);
};

function open(url) {
  close();
  last = null;
  jitter = 0;
  const line = new WebSocket(url);
  socket = line;
  line.binaryType = "arraybuffer";
  line.onopen = () => line === socket && postMessage({ open: true });
  line.onmessage = ({ data }) => {
    if (line !== socket || data.byteLength !== FRAME) return;
    measure();
    telephone?.postMessage(data, [data]);
  };
  line.onclose = ({ code, reason }) => {
    if (line !== socket) return;
    socket = null;
    postMessage({ open: false, code, reason });
  };
}
