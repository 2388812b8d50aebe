"""Recordings and images: what they are, and what they become, found out at arm's length.

Files of media are read by large decoders in C, and the files come from anywhere. So they
are only ever opened in a child process that has little memory, little time, no network
and nothing it may write; the process that does the work stays whole whatever they hold.

`child` holds the processes and is what others use; `parser` is what runs inside them;
`wire` is how the two speak; `limits` what they may use; `facts`, `images`, `sounds` read.
"""
