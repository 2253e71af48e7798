/* SPDX-License-Identifier: MIT */
/*
 * What calls change outside of the package's own maps, and what some of them cost. A name that is neither here nor among the harmless ones
 * (harmless.c) is told as not known: a tool only watches when every call of it is known to, and every kind of its programs (kinds.c).
 */
#include "inspect/tables.h"

#include <string.h>

#include "base/cleanup.h"

#define CHANGES_PACKETS "changes packets"
#define SENDS_PACKETS   "sends packets or data to other places"
#define SENDS_SIGNALS   "sends signals to processes"
#define PRESSES_KEYS    "makes up events of a remote control"
#define XATTR           "changes extended attributes of files"
#define ADDRESS         "changes addresses of connections"
#define CONNTRACK       "changes connection tracking"
#define INTERRUPTS      "interrupts system calls of processes"

static const struct {
	const char *name, *sentence;
} effects[] = {
	{ "bpf_probe_write_user", "writes into the memory of user processes" },
	{ "bpf_send_signal", SENDS_SIGNALS },
	{ "bpf_send_signal_thread", SENDS_SIGNALS },
	{ "bpf_send_signal_task", SENDS_SIGNALS },
	/* The task gets its work as it would get a signal (TWA_SIGNAL), and epoll_wait(2) fails with EINTR. */
	{ "bpf_task_work_schedule_signal", INTERRUPTS },
	{ "bpf_task_work_schedule_signal_impl", INTERRUPTS },
	{ "bpf_override_return", "makes kernel functions fail or return something else" },
	{ "bpf_set_retval", "changes results of system calls" },
	{ "bpf_skb_store_bytes", CHANGES_PACKETS },
	{ "bpf_l3_csum_replace", CHANGES_PACKETS },
	{ "bpf_l4_csum_replace", CHANGES_PACKETS },
	{ "bpf_skb_vlan_push", CHANGES_PACKETS },
	{ "bpf_skb_vlan_pop", CHANGES_PACKETS },
	{ "bpf_skb_set_tunnel_key", CHANGES_PACKETS },
	{ "bpf_skb_set_tunnel_opt", CHANGES_PACKETS },
	{ "bpf_skb_change_proto", CHANGES_PACKETS },
	{ "bpf_skb_change_type", CHANGES_PACKETS },
	{ "bpf_skb_change_tail", CHANGES_PACKETS },
	{ "bpf_skb_change_head", CHANGES_PACKETS },
	{ "bpf_skb_adjust_room", CHANGES_PACKETS },
	{ "bpf_skb_ecn_set_ce", CHANGES_PACKETS },
	{ "bpf_skb_set_tstamp", CHANGES_PACKETS },
	{ "bpf_skb_set_xfrm_info", CHANGES_PACKETS },
	{ "bpf_skb_set_fou_encap", CHANGES_PACKETS },
	{ "bpf_csum_update", CHANGES_PACKETS },
	{ "bpf_csum_level", CHANGES_PACKETS },
	{ "bpf_xdp_adjust_head", CHANGES_PACKETS },
	{ "bpf_xdp_adjust_tail", CHANGES_PACKETS },
	{ "bpf_xdp_store_bytes", CHANGES_PACKETS },
	{ "bpf_lwt_push_encap", CHANGES_PACKETS },
	{ "bpf_lwt_seg6_store_bytes", CHANGES_PACKETS },
	{ "bpf_lwt_seg6_adjust_srh", CHANGES_PACKETS },
	{ "bpf_lwt_seg6_action", CHANGES_PACKETS },
	{ "bpf_store_hdr_opt", CHANGES_PACKETS },
	{ "bpf_msg_push_data", CHANGES_PACKETS },
	{ "bpf_msg_pop_data", CHANGES_PACKETS },
	{ "bpf_clone_redirect", SENDS_PACKETS },
	{ "bpf_redirect", SENDS_PACKETS },
	{ "bpf_redirect_map", SENDS_PACKETS },
	{ "bpf_redirect_neigh", SENDS_PACKETS },
	{ "bpf_redirect_peer", SENDS_PACKETS },
	{ "bpf_sk_redirect_map", SENDS_PACKETS },
	{ "bpf_sk_redirect_hash", SENDS_PACKETS },
	{ "bpf_msg_redirect_map", SENDS_PACKETS },
	{ "bpf_msg_redirect_hash", SENDS_PACKETS },
	{ "bpf_sk_assign", "chooses the socket that gets a packet" },
	{ "bpf_sk_assign_tcp_reqsk", "chooses the socket that gets a packet" },
	{ "bpf_sk_select_reuseport", "chooses the socket that gets a packet" },
	{ "bpf_setsockopt", "changes options of sockets" },
	{ "bpf_sock_ops_cb_flags_set", "changes options of sockets" },
	{ "bpf_tcp_send_ack", "makes TCP connections send" },
	{ "bpf_bind", ADDRESS },
	{ "bpf_sock_addr_set_sun_path", ADDRESS },
	{ "bpf_sock_destroy", "closes sockets" },
	{ "bpf_ct_insert_entry", CONNTRACK },
	{ "bpf_ct_set_timeout", CONNTRACK },
	{ "bpf_ct_change_timeout", CONNTRACK },
	{ "bpf_ct_set_status", CONNTRACK },
	{ "bpf_ct_change_status", CONNTRACK },
	{ "bpf_ct_set_nat_info", CONNTRACK },
	{ "bpf_sysctl_set_new_value", "changes values written to sysctls" },
	{ "bpf_bprm_opts_set", "changes how programs are started" },
	{ "bpf_sys_bpf", "makes, changes or removes BPF objects" },
	{ "bpf_sys_close", "makes, changes or removes BPF objects" },
	{ "bpf_rc_repeat", PRESSES_KEYS },
	{ "bpf_rc_keydown", PRESSES_KEYS },
	{ "bpf_rc_pointer_rel", PRESSES_KEYS },
	{ "hid_bpf_hw_request", "talks to input devices" },
	{ "hid_bpf_hw_output_report", "talks to input devices" },
	{ "hid_bpf_input_report", "makes up events of input devices" },
	{ "bpf_set_dentry_xattr", XATTR },
	{ "bpf_set_dentry_xattr_locked", XATTR },
	{ "bpf_remove_dentry_xattr", XATTR },
	{ "bpf_remove_dentry_xattr_locked", XATTR },
	{ "hid_bpf_try_input_report", "makes up events of input devices" },
	{ "hid_bpf_attach_prog", "changes what input devices report" },
	{ "bpf_msg_apply_bytes", CHANGES_PACKETS },
	{ "bpf_msg_cork_bytes", CHANGES_PACKETS },
	{ "bpf_set_hash", CHANGES_PACKETS },
	{ "bpf_set_hash_invalid", CHANGES_PACKETS },
	{ "bpf_reserve_hdr_opt", CHANGES_PACKETS },
	{ "bpf_xdp_adjust_meta", CHANGES_PACKETS },
	{ "bpf_xdp_pull_data", CHANGES_PACKETS },
	{ "bpf_sock_map_update", INSPECT_TAKES_SOCKETS },
	{ "bpf_sock_hash_update", INSPECT_TAKES_SOCKETS },
	{ "bpf_sock_ops_enable_tx_tstamp", "changes options of sockets" },
	{ "bpf_xdp_ct_alloc", CONNTRACK },
	{ "bpf_skb_ct_alloc", CONNTRACK },
	{ "bpf_lookup_user_key", "can make keyrings for processes" }, /* KEY_LOOKUP_CREATE */
	{ "crash_kexec", "can crash the machine" },
};

const char *inspect_call_effect(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(effects); i++)
		if (strlen(effects[i].name) == len && !memcmp(effects[i].name, name, len))
			return effects[i].sentence;
	return NULL;
}

#define ROUNDS  "up to 8388608 rounds each time it is reached" /* BPF_MAX_LOOPS */
#define ITEMS   "a round for each of them, each time it is reached"
#define BY_SELF "runs again by itself"
#define MEMORY  "memory of the kernel that no map's size bounds, each time it is reached"

/* Numbers: kernel/bpf/bpf_iter.c, ringbuf.c, core.c of Linux 6.18. */
static const struct {
	const char *name, *sentence;
} costs[] = {
	{ "bpf_loop", ROUNDS },
	{ "bpf_iter_num_new", ROUNDS },
	{ "may_goto", ROUNDS },
	{ "bpf_for_each_map_elem", "a round for each entry of a map, each time it is reached" },
	{ "bpf_user_ringbuf_drain", "up to 131072 rounds each time it is reached" },
	{ "bpf_iter_task_new", ITEMS },
	{ "bpf_iter_task_vma_new", ITEMS },
	{ "bpf_iter_css_new", ITEMS },
	{ "bpf_iter_css_task_new", ITEMS },
	{ "bpf_iter_kmem_cache_new", ITEMS },
	{ "bpf_iter_dmabuf_new", ITEMS },
	{ "bpf_iter_bits_new", ITEMS },
	{ "bpf_iter_scx_dsq_new", ITEMS },
	{ "bpf_timer_start", BY_SELF },
	{ "bpf_wq_start", BY_SELF },
	{ "bpf_wq_start_impl", BY_SELF },
	{ "bpf_obj_new_impl", MEMORY },
	{ "bpf_percpu_obj_new_impl", MEMORY },
};

const char *inspect_call_cost(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(costs); i++)
		if (!strcmp(costs[i].name, name))
			return costs[i].sentence;
	return NULL;
}
