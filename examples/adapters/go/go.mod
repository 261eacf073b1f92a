module example.com/raft-adapter

go 1.19
