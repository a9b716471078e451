from apps.live.sockets import BACKLOG, Socket


def test_a_browser_that_does_not_read_gets_the_whole_picture_instead_of_what_it_missed():
    socket = Socket()
    for number in range(BACKLOG + 1):
        socket.push(f"delta {number}", whole=lambda: "snapshot")

    assert socket.outbox.qsize() == 1
    assert socket.outbox.get_nowait() == "snapshot"
