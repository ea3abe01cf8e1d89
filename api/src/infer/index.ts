import './mutation.ts';
import './promise.ts';
import './subscription.ts';
import './voucher-intent.ts';
