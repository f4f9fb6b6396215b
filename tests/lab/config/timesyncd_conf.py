"""timesyncd.conf files."""

FILES = {
    "every setting": "[Time]\nNTP=a.example b.example\nFallbackNTP=c.example\nRootDistanceMaxSec=5\nPollIntervalMinSec=32\nPollIntervalMaxSec=2048\n"
                     "ConnectionRetrySec=30\nSaveIntervalSec=60\n",
    "units": "[Time]\nPollIntervalMaxSec=34min 8s\nSaveIntervalSec=1 h\nRootDistanceMaxSec=1.5\nConnectionRetrySec=1hr30min\n",
    "rare units": "[Time]\nSaveIntervalSec=1y 1month 1M 2us 3\u00b5s 1w 1d\nRootDistanceMaxSec=infinity\n",
    "unknown units": "[Time]\nSaveIntervalSec=5 fortnights\nRootDistanceMaxSec=1D\n",
    "no numbers": "[Time]\nRootDistanceMaxSec=five\nPollIntervalMinSec=-1\nSaveIntervalSec=1.5.2\n",
    "empty values": "[Time]\nNTP=\nFallbackNTP=\nRootDistanceMaxSec=\n",
    "misspelt": "[Time]\nNTPs=a.example\nFallBackNTP=b.example\nntp=c.example\n",
    "the old name": "[Time]\nServers=a.example\n",
    "before the section": "NTP=a.example\n[Time]\nNTP=b.example\n",
    "other sections": "[Tme]\nNTP=a.example\n[X-Site]\nNTP=a.example\n[ Time ]\nNTP=a.example\n[]\n",
    "blanks": "  [Time]  \n  NTP = a.example  \n\t\n",
    "comments": "# one\n; two\n[Time]\n # three\nNTP=a.example\n",
    "a trailing comment": "[Time]\nRootDistanceMaxSec=5 ; seconds\n",
    "no equals sign": "[Time]\nNTP a.example\n",
    "no name": "[Time]\n=a.example\n",
    "an open header": "[Time\nNTPs=a.example\n",
    "a header with more": "[Time]\nNTPs=a.example\n[Time] # again\nNTPs=a.example\n",
    "continued": "[Time]\nNTP=a.example \\\n b.example\nNTP=c.example\\\n# comment\n d.example\nSaveIntervalSec=x\n",
    "continued at the end": "[Time]\nNTP=a.example \\\n",
    "a mark": "\ufeff[Time]\nNTPs=a.example\n",
    "twice": "[Time]\nNTP=a.example\n[Time]\nNTP=b.example\nNTPs=c.example\n",
}

SHIPPED = [
    ("timesyncd", "Debian, timesyncd", "# comment\n\n[Time]\n#NTP=\n#FallbackNTP=0.debian.pool.ntp.org 1.debian.pool.ntp.org\n#RootDistanceMaxSec=5\n"
     "#PollIntervalMinSec=32\n#PollIntervalMaxSec=2048\n#ConnectionRetrySec=30\n#SaveIntervalSec=60\n"),
]
