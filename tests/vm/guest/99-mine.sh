export TRUTH_BIN=/truth/bin VARIANTS=/truth/variants ECLI=/bin/ecli PACKAGES=/packages ECC=/nonexistent
sh /truth/run.sh opensnoop execsnoop tcpconnect tcplife tcpstates
