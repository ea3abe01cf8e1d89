import './mutation.ts';
import './subscription.ts';
import './voucher-intent.ts';
