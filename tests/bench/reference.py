"""The reference of the fan-out: python-socketio's ASGI server under uvicorn, which sends what it is asked to everybody."""

import sys

import socketio
import uvicorn

io = socketio.AsyncServer(async_mode="asgi", transports=["websocket"], cors_allowed_origins="*")


@io.event
async def say(sid: str, data: object) -> bool:
    await io.emit("event", data)
    return True


if __name__ == "__main__":
    port, certificate, key = sys.argv[1:]
    uvicorn.run(
        socketio.ASGIApp(io), host="127.0.0.1", port=int(port), ssl_certfile=certificate, ssl_keyfile=key, log_level="error"
    )
